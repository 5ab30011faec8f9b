package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/rand"
)

// runPodHash gives the value of `rollouts-pod-template-hash`, as Argo Rollouts' utils/hash computes it.
func runPodHash(req *request, _ *tree) (any, error) {
	var job struct {
		Template       corev1.PodTemplateSpec `json:"template"`
		CollisionCount *int32                 `json:"collision_count"`
	}
	if err := json.Unmarshal(req.Job, &job); err != nil {
		return nil, err
	}
	text, err := json.Marshal(&job.Template)
	if err != nil {
		return nil, err
	}
	if job.CollisionCount != nil {
		text = binary.LittleEndian.AppendUint32(text, uint32(*job.CollisionCount))
		text = append(text, 0, 0, 0, 0) // Argo Rollouts writes a buffer of eight bytes
	}
	return safeHash(text), nil
}

func safeHash(text []byte) string {
	sum := fnv.New32a()
	_, _ = sum.Write(text)
	return rand.SafeEncodeString(fmt.Sprint(sum.Sum32()))
}

func runStepsHash(req *request, _ *tree) (any, error) {
	return nil, refuse("HashFailed", "not yet")
}
