package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// question is asked of the client; answer is its reply. Absence is an answer too.
type question struct {
	Op   string `json:"op"` // read or stat
	Path string `json:"path"`
}

type answer struct {
	ID    int64  `json:"id"`
	Found bool   `json:"found"`
	Data  []byte `json:"data"`
	Kind  string `json:"kind"` // file or dir
	Error string `json:"error"`
}

// mount is where Kustomize sees the client's tree; nothing exists outside of it.
const mount = "/repository"

// files is an immutable tree as Kustomize's file system, with what the job itself wrote over it. Kustomize uses no
// more than the methods below; the others are those of an empty file system.
type files struct {
	filesys.FileSystem
	worker *worker
	req    *request
	cwd    string
	known  map[question]*answer
}

func newFiles(w *worker, req *request, cwd string) *files {
	known := map[question]*answer{}
	for name, data := range req.Files {
		known[question{"read", name}] = &answer{Found: true, Data: data}
		known[question{"stat", name}] = &answer{Found: true, Kind: "file"}
	}
	for _, name := range req.Folders {
		known[question{"stat", name}] = &answer{Found: true, Kind: "dir"}
	}
	return &files{filesys.MakeFsInMemory(), w, req, path.Join(mount, cwd), known}
}

// missing is the error that the same call on a disk gives.
func missing(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: syscall.ENOENT}
}

// ask answers from what is known, else from the client, once for each question; one that cannot answer ends the job.
func (f *files) ask(op, name string) (full string, got *answer) {
	full = path.Clean(name)
	if !path.IsAbs(full) {
		full = path.Join(f.cwd, full)
	}
	inside, ok := strings.CutPrefix(full+"/", mount+"/")
	if !ok {
		return full, &answer{}
	}
	q := question{op, strings.TrimSuffix(inside, "/")}
	if known := f.known[q]; known != nil {
		return full, known
	}
	got = &answer{}
	if f.req.Complete && (f.req.Root == "" || strings.HasPrefix(inside, f.req.Root+"/")) {
		return full, got
	}
	if err := f.worker.out.Encode(reply{ID: f.req.ID, Ask: &q}); err != nil {
		panic(err)
	}
	if err := f.worker.in.Decode(got); err != nil || got.Error != "" || got.ID != f.req.ID {
		panic(fmt.Sprintf("%s %s: %s %v", op, q.Path, got.Error, err))
	}
	f.known[q] = got
	return full, got
}

func (f *files) Exists(name string) bool {
	_, got := f.ask("stat", name)
	return got.Found
}

func (f *files) IsDir(name string) bool {
	_, got := f.ask("stat", name)
	return got.Kind == "dir"
}

func (f *files) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	full, got := f.ask("stat", name)
	switch {
	case !got.Found:
		return "", "", fmt.Errorf("evalsymlink failure on '%s' : %w", full, missing("lstat", full))
	case got.Kind == "dir":
		return filesys.ConfirmedDir(full), "", nil
	}
	return filesys.ConfirmedDir(path.Dir(full)), path.Base(full), nil
}

func (f *files) ReadFile(name string) ([]byte, error) {
	full, got := f.ask("read", name)
	if !got.Found {
		return nil, missing("open", full)
	}
	return bytes.Clone(got.Data), nil
}

func (f *files) WriteFile(name string, data []byte) error {
	_, got := f.ask("read", name)
	got.Data = bytes.Clone(data)
	return nil
}
