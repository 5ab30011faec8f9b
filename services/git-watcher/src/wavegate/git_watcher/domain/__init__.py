"""Pure decisions about repositories: values in, a decision value out."""
