package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/itchyny/gojq"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/rand"
)

type jqJob struct {
	Program string          `json:"program"`
	Value   json.RawMessage `json:"value"`
}

func runJQ(_ *worker, req *request, job *jqJob) (any, error) {
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
	must(0, numbers.Decode(&value))
	// Ends a little before the client would kill the worker.
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(req.Deadline*0.8*float64(time.Second)))
	defer cancel()
	results := []json.RawMessage{}
	for iter := code.RunWithContext(ctx, value); ; {
		next, more := iter.Next()
		if !more {
			return results, nil
		}
		if err, ok := next.(error); ok && ctx.Err() != nil {
			return nil, refuse("DeadlineExceeded", "the program did not end in time")
		} else if ok {
			return nil, err
		}
		results = append(results, must(gojq.Marshal(next)))
	}
}

type podHashJob struct {
	Template       json.RawMessage `json:"template"`
	CollisionCount *int32          `json:"collision_count"`
}

// runPodHash gives the value of `rollouts-pod-template-hash`, as Argo Rollouts' utils/hash computes it.
func runPodHash(_ *worker, _ *request, job *podHashJob) (any, error) {
	var template corev1.PodTemplateSpec
	if err := json.Unmarshal(job.Template, &template); err != nil {
		return nil, err
	}
	text, err := json.Marshal(&template)
	if err != nil {
		return nil, err
	}
	if job.CollisionCount != nil { // in a buffer of eight bytes, of which it fills four
		text = binary.LittleEndian.AppendUint64(text, uint64(uint32(*job.CollisionCount)))
	}
	return safeHash(text), nil
}

// runStepsHash hashes steps whose fields the client has put in the order of Argo's Go types.
func runStepsHash(_ *worker, _ *request, steps *json.RawMessage) (any, error) {
	text, err := json.Marshal(steps) // compact, with Go's escapes
	return safeHash(text), err
}

func safeHash(text []byte) string {
	sum := fnv.New32a()
	_, _ = sum.Write(text)
	return rand.SafeEncodeString(fmt.Sprint(sum.Sum32()))
}
