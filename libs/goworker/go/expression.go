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

func (m *metric) decode() (value any, err error) {
	if m.Kind == "json" {
		return value, json.Unmarshal(m.Value, &value)
	}
	numbers := make([]float64, len(m.Texts)) // never nil: Argo Rollouts' isNil([]) is false
	for i, text := range m.Texts {
		if numbers[i], err = strconv.ParseFloat(text, 64); err != nil {
			return nil, err
		}
	}
	if m.Kind == "float" {
		return numbers[0], nil
	}
	return numbers, nil
}

// message leaves out the source excerpt that expr adds, as Argo Rollouts does.
func message(err error) error {
	var at *file.Error
	if errors.As(err, &at) {
		return errors.New(at.Message)
	}
	return err
}

// runAnalysis evaluates a condition as Argo Rollouts' utils/evaluate does.
func runAnalysis(req *request, _ *tree) (any, error) {
	var job struct {
		Condition string `json:"condition"`
		Result    metric `json:"result"`
	}
	if err := decode(req, &job); err != nil {
		return nil, err
	}
	result, err := job.Result.decode()
	if err != nil {
		return nil, refuse("BadRequest", "%v", err)
	}
	env := map[string]any{
		"result": result, "asInt": asInt, "asFloat": asFloat, "isNaN": math.IsNaN,
		"isInf": func(f float64) bool { return math.IsInf(f, 0) },
		"isNil": func(any) bool { return isNil(result) },
		"default": func(_, fallback any) any {
			if isNil(result) {
				return fallback
			}
			return result
		},
	}
	program, err := expr.Compile(job.Condition, expr.Env(env))
	if err != nil {
		return nil, message(err)
	}
	output, err := expr.Run(program, env)
	if err != nil {
		return nil, message(err)
	}
	verdict, ok := output.(bool)
	if !ok {
		return nil, fmt.Errorf("expected bool, but got %T", output)
	}
	return verdict, nil
}

func isNil(value any) bool {
	if value == nil {
		return true
	}
	switch v := reflect.ValueOf(value); v.Kind() {
	case reflect.Map, reflect.Slice:
		return v.IsNil()
	default:
		return false
	}
}

func asInt(in any) int64 {
	switch v := reflect.ValueOf(in); {
	case !v.IsValid():
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return int64(v.Uint())
	case v.CanFloat():
		return int64(v.Float())
	case v.Kind() == reflect.String:
		return must(strconv.ParseInt(v.String(), 10, 64))
	}
	panic(fmt.Sprintf("asInt() not supported on %v %v", reflect.TypeOf(in), in))
}

func asFloat(in any) float64 {
	switch v := reflect.ValueOf(in); {
	case !v.IsValid():
	case v.CanInt():
		return float64(v.Int())
	case v.CanUint():
		return float64(v.Uint())
	case v.CanFloat():
		return v.Float()
	case v.Kind() == reflect.String:
		return must(strconv.ParseFloat(v.String(), 64))
	}
	panic(fmt.Sprintf("asFloat() not supported on %v %v", reflect.TypeOf(in), in))
}

type verdict struct {
	Triggered bool   `json:"triggered"`
	OncePer   string `json:"once_per"`
	Error     string `json:"error"`
}

// runTrigger evaluates a trigger as notifications-engine does: compiled without an env, so unknown names are nil.
func runTrigger(req *request, _ *tree) (any, error) {
	var job struct {
		When    string `json:"when"`
		OncePer string `json:"once_per"`
		Scope   scope  `json:"scope"`
	}
	if err := decode(req, &job); err != nil {
		return nil, err
	}
	vars, err := job.Scope.variables()
	if err != nil {
		return nil, err
	}
	output, err := evaluate(job.When, vars)
	if err != nil {
		return verdict{Error: err.Error()}, nil
	}
	triggered, ok := output.(bool)
	if !ok {
		return verdict{Error: fmt.Sprintf("expected bool, but got %T", output)}, nil
	}
	if !triggered || job.OncePer == "" {
		return verdict{Triggered: triggered}, nil
	}
	output, err = evaluate(job.OncePer, vars)
	if err != nil {
		return verdict{Triggered: true, Error: err.Error()}, nil
	}
	return verdict{Triggered: true, OncePer: fmt.Sprintf("%v", output)}, nil
}

func evaluate(text string, vars map[string]any) (any, error) {
	program, err := expr.Compile(text)
	if err != nil {
		return nil, err
	}
	return expr.Run(program, vars)
}
