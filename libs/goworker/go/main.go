// The worker answers JSON lines: one job in, one reply out, and questions about files in between.
//
// It links the Go libraries whose behaviour the YAML depends on and decides nothing. It opens no file, dials nobody
// and starts no program: files come with the job or are asked for over standard output.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"time"
)

type request struct {
	ID       int64             `json:"id"`
	Op       string            `json:"op"`
	Deadline float64           `json:"deadline"` // seconds
	Job      json.RawMessage   `json:"job"`
	Root     string            `json:"root"`     // folder of the files that came along
	Complete bool              `json:"complete"` // whether there are no others below root
	Files    map[string][]byte `json:"files"`
	Folders  []string          `json:"folders"`
}

type reply struct {
	ID     int64     `json:"id"`
	Result any       `json:"result,omitempty"`
	Error  *failure  `json:"error,omitempty"`
	Ask    *question `json:"ask,omitempty"`
}

// failure is an error with a code from the closed set that the client names.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *failure) Error() string { return f.Message }

func refuse(code, format string, args ...any) error {
	return &failure{Code: code, Message: fmt.Sprintf(format, args...)}
}

// worker is the one conversation of this process.
type worker struct {
	in  *json.Decoder
	out *json.Encoder
}

func newWorker(in io.Reader, out io.Writer) *worker {
	w := &worker{json.NewDecoder(in), json.NewEncoder(out)}
	w.out.SetEscapeHTML(false)
	return w
}

// serve answers jobs until the input ends.
func (w *worker) serve() error {
	for {
		var req request
		if err := w.in.Decode(&req); err != nil {
			return err
		}
		if err := w.out.Encode(w.run(&req)); err != nil {
			return err
		}
	}
}

var operations = map[string]struct {
	code string // of a failure that has none of its own
	run  func(*worker, *request) (any, error)
}{
	"helm":       {"HelmFailed", decoded(runHelm)},
	"kustomize":  {"KustomizeFailed", decoded(runKustomize)},
	"yaml":       {"YamlInvalid", decoded(runYAML)},
	"template":   {"TemplateFailed", decoded(runTemplate)},
	"analysis":   {"ExpressionFailed", decoded(runAnalysis)},
	"expression": {"ExpressionFailed", decoded(runExpression)},
	"jq":         {"JqFailed", decoded(runJQ)},
	"podhash":    {"HashFailed", decoded(runPodHash)},
	"stepshash":  {"HashFailed", decoded(runStepsHash)},
}

// decoded reads the job for an operation; a job that does not decode is a bug of the client.
func decoded[J any](run func(*worker, *request, *J) (any, error)) func(*worker, *request) (any, error) {
	return func(w *worker, req *request) (any, error) {
		var job J
		if err := json.Unmarshal(req.Job, &job); err != nil {
			return nil, refuse("BadRequest", "%v", err)
		}
		return run(w, req, &job)
	}
}

func (w *worker) run(req *request) (answer reply) {
	op := operations[req.Op]
	fail := func(err error) reply {
		known := &failure{Code: op.code}
		errors.As(err, &known)
		message := err.Error()
		if half := 8 << 10; len(message) > 2*half { // the cause may stand at either end
			message = message[:half] + " [...] " + message[len(message)-half:]
		}
		return reply{ID: req.ID, Error: &failure{known.Code, message}}
	}
	defer func() {
		if r := recover(); r != nil {
			answer = fail(fmt.Errorf("panic: %v", r))
		}
	}()
	result, err := op.run(w, req)
	if err != nil {
		return fail(err)
	}
	return reply{ID: req.ID, Result: result}
}

// errOffline is what anything that would use the network gets.
var errOffline = errors.New("the network is not used while rendering")

type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) { return nil, errOffline }

// isolate takes away what a library could reach by itself: the environment, the network, the machine's time zone.
func isolate() {
	os.Clearenv()
	time.Local = time.UTC
	http.DefaultTransport = offline{}
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	debug.SetMaxStack(64 << 20)
}

func main() {
	out := os.Stdout
	os.Stdout = os.Stderr // a library that prints must not break the protocol
	isolate()
	if err := newWorker(os.Stdin, out).serve(); err != io.EOF {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
