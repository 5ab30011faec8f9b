package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/itchyny/gojq"
)

// maxResults bounds what one program yields.
const maxResults = 100_000

func runJQ(req *request, _ *tree) (any, error) {
	var job struct {
		Program string          `json:"program"`
		Value   json.RawMessage `json:"value"`
	}
	if err := decode(req, &job); err != nil {
		return nil, err
	}
	query, err := gojq.Parse(job.Program)
	if err != nil {
		return nil, err
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, err
	}
	var value any
	numbers := json.NewDecoder(bytes.NewReader(job.Value))
	numbers.UseNumber()
	if err := numbers.Decode(&value); err != nil {
		return nil, refuse("BadRequest", "%v", err)
	}
	// Ends a little before the client would kill the worker.
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(req.Deadline*0.8*float64(time.Second)))
	defer cancel()
	results := []json.RawMessage{}
	for iter := code.RunWithContext(ctx, value); ; {
		next, more := iter.Next()
		if !more {
			return results, nil
		}
		if err, ok := next.(error); ok {
			var halt *gojq.HaltError
			if errors.As(err, &halt) && halt.Value() == nil {
				return results, nil
			}
			if ctx.Err() != nil {
				return nil, refuse("DeadlineExceeded", "the program did not end in time")
			}
			return nil, err
		}
		if len(results) == maxResults {
			return nil, refuse("JqFailed", "more than %d results", maxResults)
		}
		text, err := gojq.Marshal(next)
		if err != nil {
			return nil, err
		}
		results = append(results, text)
	}
}
