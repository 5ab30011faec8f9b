// The worker answers JSON lines: one job in, one reply out, and questions about files in between.
//
// It links the Go libraries whose behaviour the YAML depends on and decides nothing. It never opens a file, dials or
// starts a program: files come with the job or are asked for over standard output.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"
)

// maxMessage bounds an error's text, which may quote the file that it is about.
const maxMessage = 16 << 10

type request struct {
	ID       int64             `json:"id"`
	Op       string            `json:"op"`
	Deadline float64           `json:"deadline"` // seconds
	Job      json.RawMessage   `json:"job"`
	Root     string            `json:"root"`     // folder of the preloaded files
	Complete bool              `json:"complete"` // whether they are all there are below root
	Files    map[string][]byte `json:"files"`
}

type reply struct {
	ID     int64     `json:"id"`
	Result any       `json:"result,omitempty"`
	Error  *failure  `json:"error,omitempty"`
	Ask    *question `json:"ask,omitempty"`
}

// failure is an error with a code from the closed set that the Python client names.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *failure) Error() string { return f.Message }

func failed(code string, err error) error {
	var known *failure
	if err == nil || errors.As(err, &known) {
		return err
	}
	return &failure{Code: code, Message: err.Error()}
}

func refuse(code, format string, args ...any) error {
	return &failure{Code: code, Message: fmt.Sprintf(format, args...)}
}

// worker is the one conversation of this process.
type worker struct {
	mu  sync.Mutex
	in  *json.Decoder
	out *json.Encoder
}

func newWorker(in io.Reader, out io.Writer) *worker {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return &worker{in: json.NewDecoder(bufio.NewReaderSize(in, 1<<16)), out: encoder}
}

// serve answers jobs until the input ends.
func (w *worker) serve() error {
	for {
		var req request
		if err := w.in.Decode(&req); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		answer := reply{ID: req.ID}
		result, err := w.run(&req)
		if err != nil {
			var known *failure
			if !errors.As(err, &known) {
				known = &failure{Code: "BadRequest", Message: err.Error()}
			}
			answer.Error = &failure{Code: known.Code, Message: known.Message[:min(len(known.Message), maxMessage)]}
		} else {
			answer.Result = result
		}
		if err := w.out.Encode(answer); err != nil {
			return err
		}
		debug.FreeOSMemory()
	}
}

type operation func(*request, *tree) (any, error)

var operations = map[string]struct {
	code string // of a failure that has none of its own
	run  operation
}{
	"helm":      {"HelmFailed", runHelm},
	"kustomize": {"KustomizeFailed", runKustomize},
	"yaml":      {"YamlInvalid", runYAML},
	"template":  {"TemplateFailed", runTemplate},
	"analysis":  {"ExpressionFailed", runAnalysis},
	"trigger":   {"ExpressionFailed", runTrigger},
	"jq":        {"JqFailed", runJQ},
	"podhash":   {"HashFailed", runPodHash},
	"stepshash": {"HashFailed", runStepsHash},
}

func (w *worker) run(req *request) (result any, err error) {
	op, ok := operations[req.Op]
	if !ok {
		return nil, fmt.Errorf("unknown operation %q", req.Op)
	}
	defer func() {
		if r := recover(); r != nil {
			err = refuse(op.code, "panic: %v", r)
		}
	}()
	result, err = op.run(req, newTree(w, req))
	return result, failed(op.code, err)
}

// decode reads the job of a request; a field that is not known is a bug of the client.
func decode(req *request, job any) error {
	if err := json.Unmarshal(req.Job, job); err != nil {
		return refuse("BadRequest", "%v", err)
	}
	return nil
}

// errOffline is what anything that would use the network gets.
var errOffline = errors.New("the network is not used while rendering")

type offline struct{}

func (offline) RoundTrip(req *http.Request) (*http.Response, error) {
	return nil, refuse("RemoteBaseForbidden", "%s: %v", req.URL.Redacted(), errOffline)
}

// isolate takes away what a library could reach by itself: the environment, the network, the clock's zone.
func isolate() {
	os.Clearenv()
	time.Local = time.UTC
	http.DefaultTransport = offline{}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: nil}
	log.SetOutput(io.Discard)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	debug.SetMaxStack(64 << 20)
}

func main() {
	out := os.Stdout
	os.Stdout = os.Stderr // a library that prints must not break the protocol
	isolate()
	if err := newWorker(os.Stdin, out).serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
