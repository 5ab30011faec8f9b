package main

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
)

// converse runs one worker against a client that answers every question with `answer`, and gives all that it wrote.
func converse(t *testing.T, requests string, answer func(question) answer) []map[string]any {
	t.Helper()
	fromClient, toWorker := io.Pipe()
	fromWorker, toClient := io.Pipe()
	go func() {
		if err := newWorker(fromClient, toClient).serve(); err != io.EOF {
			t.Errorf("serve: %v", err)
		}
		toClient.Close()
	}()
	go func() { _, _ = io.WriteString(toWorker, requests) }()
	var said []map[string]any
	for decoder := json.NewDecoder(fromWorker); ; {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			return said
		}
		said = append(said, line)
		if asked, ok := line["ask"].(map[string]any); ok {
			got := answer(question{asked["op"].(string), asked["path"].(string)})
			got.ID = int64(line["id"].(float64))
			if err := json.NewEncoder(toWorker).Encode(got); err != nil {
				t.Fatal(err)
			}
			continue
		}
		toWorker.Close()
	}
}

const overlay = `{"id":4,"op":"kustomize","root":"over","complete":true,"folders":["over"],` +
	`"files":{"over/kustomization.yaml":"cmVzb3VyY2VzOiBbLi4vYmFzZV0K"},` + // resources: [../base]
	`"job":{"path":"over","limits":{"max_bytes":1000,"max_documents":9,"max_depth":9,"max_nodes":99}}}`

func TestKustomizeAsksForWhatDidNotComeAlong(t *testing.T) {
	base := map[string]string{
		"base/kustomization.yaml": "resources: [cm.yaml]\n",
		"base/cm.yaml":            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
	}
	var asked []string
	said := converse(t, overlay, func(q question) answer {
		asked = append(asked, q.Op+" "+q.Path)
		text, ok := base[q.Path]
		switch {
		case q.Path == "base":
			return answer{Found: true, Kind: "dir"}
		case ok:
			return answer{Found: true, Kind: "file", Data: []byte(text)}
		}
		return answer{}
	})
	last, _ := json.Marshal(said[len(said)-1])
	want := `{"id":4,"result":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}]}`
	if string(last) != want {
		t.Errorf("got %s, want %s", last, want)
	}
	wantAsked := "stat base, stat base/kustomization.yaml, read base/kustomization.yaml, stat base/kustomization.yml, " +
		"stat base/Kustomization, stat base/cm.yaml, read base/cm.yaml"
	if got := strings.Join(asked, ", "); got != wantAsked {
		t.Errorf("asked %s", got)
	}
}

func TestAClientThatCannotAnswerEndsTheJob(t *testing.T) {
	said := converse(t, overlay, func(question) answer { return answer{Error: "Broken"} })
	failed := said[len(said)-1]["error"].(map[string]any)
	if failed["code"] != "KustomizeFailed" || !strings.Contains(failed["message"].(string), "stat base: Broken") {
		t.Errorf("got %v", failed)
	}
}

func TestJobsThatAreNoneAreNamed(t *testing.T) {
	for request, message := range map[string]string{
		`{"id":1,"op":"jq","job":[]}`:     "cannot unmarshal array",
		`{"id":1,"op":"nothing","job":1}`: "panic: ",
	} {
		said := converse(t, request, nil)
		if text, _ := json.Marshal(said); len(said) != 1 || !strings.Contains(string(text), message) {
			t.Errorf("%s: got %s", request, text)
		}
	}
}

func TestTheCountOfExpandedValues(t *testing.T) {
	text := []byte("a: &a [1, 2, 3]\nb: [*a, *a]\n")
	// The document, its map, two keys, [1, 2, 3] three times as four values each, and the list of b.
	if err := checkNodes(text, 17); err != nil {
		t.Error(err)
	}
	if err := checkNodes(text, 16); err == nil {
		t.Error("16 is too few")
	}
}

func TestDepthIgnoresBracketsInText(t *testing.T) {
	if err := checkDepth([]byte(`{"[[[\"[[":[{"a":"]"}]}`), 3); err != nil {
		t.Error(err)
	}
	if err := checkDepth([]byte(`{"a":[{"b":1}]}`), 2); err == nil {
		t.Error("three deep")
	}
}

func TestFunctionsThatReachOutsideAreGone(t *testing.T) {
	if len(functions) != 208 { // sprig 3.3.0 has 211
		t.Errorf("%d functions", len(functions))
	}
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		if functions[name] != nil {
			t.Error(name)
		}
	}
}

func TestExpressionsGiveTypeAndText(t *testing.T) {
	for text, want := range map[string]typed{
		"nil":    {"<nil>", "<nil>"},
		"1 + 1":  {"int", "2"},
		"7 / 2":  {"float64", "3.5"},
		"[1, 2]": {"[]interface {}", "[1 2]"},
	} {
		if got, err := evaluate(text, nil, []expr.Option{}...); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
}
