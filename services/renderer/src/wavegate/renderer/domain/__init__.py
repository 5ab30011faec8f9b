"""Pure decisions about rendering: values in, a decision value out."""
