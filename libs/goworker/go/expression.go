package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
)

// metric is a measurement's result with its Go type, which decides what compiles.
type metric struct {
	Kind  string          `json:"kind"` // float, floats or json
	Texts []string        `json:"texts"`
	Value json.RawMessage `json:"value"`
}

func (m *metric) decode() (value any) {
	if m.Kind == "json" {
		must(0, json.Unmarshal(m.Value, &value))
		return value
	}
	numbers := make([]float64, len(m.Texts)) // never nil: Argo Rollouts' isNil([]) is false
	for i, text := range m.Texts {
		numbers[i] = must(strconv.ParseFloat(text, 64))
	}
	if m.Kind == "float" {
		return numbers[0]
	}
	return numbers
}

// typed is a value as Go's %T and %v print it: the client decides what it wants.
type typed struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func evaluate(text string, vars map[string]any, options ...expr.Option) (any, error) {
	program, err := expr.Compile(text, options...)
	if err != nil {
		return nil, err
	}
	value, err := expr.Run(program, vars)
	return typed{fmt.Sprintf("%T", value), fmt.Sprintf("%v", value)}, err
}

type expressionJob struct {
	Text  string `json:"text"`
	Scope scope  `json:"scope"`
}

// runExpression evaluates as notifications-engine does: compiled without an env, so unknown names are nil.
func runExpression(_ *worker, _ *request, job *expressionJob) (any, error) {
	return evaluate(job.Text, job.Scope.variables())
}

type analysisJob struct {
	Condition string `json:"condition"`
	Result    metric `json:"result"`
}

// runAnalysis evaluates a condition as Argo Rollouts' utils/evaluate does: compiled against the result's own type.
func runAnalysis(_ *worker, _ *request, job *analysisJob) (any, error) {
	result := job.Result.decode()
	env := map[string]any{
		"result": result, "asInt": asInt, "asFloat": asFloat, "isNaN": math.IsNaN,
		"isInf": func(f float64) bool { return math.IsInf(f, 0) },
		"isNil": func(any) bool { return result == nil },
		"default": func(_, fallback any) any {
			if result == nil {
				return fallback
			}
			return result
		},
	}
	value, err := evaluate(job.Condition, env, expr.Env(env))
	var at *file.Error
	if errors.As(err, &at) { // less the source excerpt that expr adds
		return nil, errors.New(at.Message)
	}
	return value, err
}

func asInt(in any) int64 {
	return number(in, "asInt()", func(text string) (int64, error) { return strconv.ParseInt(text, 10, 64) })
}

func asFloat(in any) float64 {
	return number(in, "asFloat()", func(text string) (float64, error) { return strconv.ParseFloat(text, 64) })
}

func number[T int64 | float64](in any, name string, parse func(string) (T, error)) T {
	switch v := reflect.ValueOf(in); {
	case !v.IsValid():
	case v.CanInt():
		return T(v.Int())
	case v.CanUint():
		return T(v.Uint())
	case v.CanFloat():
		return T(v.Float())
	case v.Kind() == reflect.String:
		return must(parse(v.String()))
	}
	panic(fmt.Sprintf("%s not supported on %v %v", name, reflect.TypeOf(in), in))
}
