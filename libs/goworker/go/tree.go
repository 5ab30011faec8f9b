package main

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

// question is asked of the client; answer is its reply. Absence is an answer too.
type question struct {
	Op   string `json:"op"` // read, list or stat
	Path string `json:"path"`
}

type answer struct {
	ID      int64    `json:"id"`
	Found   bool     `json:"found"`
	Data    []byte   `json:"data"`
	Kind    string   `json:"kind"` // file or dir
	Entries []*entry `json:"entries"`
	Error   string   `json:"error"`
}

// entry is one name in a folder; it is its own fs.DirEntry and fs.FileInfo.
type entry struct {
	Base string `json:"name"`
	Dir  bool   `json:"dir"`
}

func (e *entry) Name() string               { return e.Base }
func (e *entry) IsDir() bool                { return e.Dir }
func (e *entry) Info() (fs.FileInfo, error) { return e, nil }
func (e *entry) Size() int64                { return 0 }
func (e *entry) ModTime() time.Time         { return time.Time{} }
func (e *entry) Sys() any                   { return nil }
func (e *entry) Type() fs.FileMode          { return e.Mode().Type() }
func (e *entry) Mode() fs.FileMode {
	if e.Dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}

// tree is an immutable tree of files as an fs.FS, plus what the job itself wrote over it.
type tree struct {
	worker  *worker
	req     *request
	known   map[question]*answer
	written map[string][]byte
}

func newTree(w *worker, req *request) *tree {
	t := &tree{worker: w, req: req, known: map[question]*answer{}, written: map[string][]byte{}}
	for name, data := range req.Files {
		t.known[question{"read", name}] = &answer{Found: true, Data: data}
		t.index(name)
	}
	return t
}

// index makes a preloaded file visible to list and stat. Folders above root stay unknown.
func (t *tree) index(name string) {
	t.known[question{"stat", name}] = &answer{Found: true, Kind: "file"}
	if !t.req.Complete {
		return
	}
	for child, isDir := name, false; child != t.req.Root; isDir = true {
		parent := path.Dir(child)
		if parent == "." {
			parent = ""
		}
		folder := t.known[question{"list", parent}]
		fresh := folder == nil
		if fresh {
			folder = &answer{Found: true}
			t.known[question{"list", parent}] = folder
			t.known[question{"stat", parent}] = &answer{Found: true, Kind: "dir"}
		}
		folder.Entries = append(folder.Entries, &entry{path.Base(child), isDir})
		if !fresh {
			return
		}
		child = parent
	}
}

func within(root, name string) bool {
	return root == "" || name == root || strings.HasPrefix(name, root+"/")
}

// ask answers from what is known, else from the client, once for each question.
func (t *tree) ask(op, name string) (*answer, error) {
	q := question{op, name}
	if known := t.known[q]; known != nil {
		return known, nil
	}
	if t.req.Complete && within(t.req.Root, name) {
		return &answer{}, nil
	}
	t.worker.mu.Lock()
	defer t.worker.mu.Unlock()
	if err := t.worker.out.Encode(reply{ID: t.req.ID, Ask: &q}); err != nil {
		return nil, err
	}
	var got answer
	if err := t.worker.in.Decode(&got); err != nil {
		return nil, refuse("FileFailed", "%s %s: %v", op, name, err)
	}
	if got.Error != "" || got.ID != t.req.ID {
		return nil, refuse("FileFailed", "%s %s: %s", op, name, got.Error)
	}
	t.known[q] = &got
	return &got, nil
}

// missing is the error that the same call on a disk gives.
func missing(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: syscall.ENOENT}
}

func clean(op, name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", &fs.PathError{Op: op, Path: name, Err: fmt.Errorf("outside the repository")}
	}
	if name == "." {
		return "", nil
	}
	return name, nil
}

func (t *tree) kind(name string) (string, error) {
	got, err := t.ask("stat", name)
	if err != nil || !got.Found {
		return "", err
	}
	return got.Kind, nil
}

// ReadFile implements fs.ReadFileFS.
func (t *tree) ReadFile(name string) ([]byte, error) {
	rel, err := clean("open", name)
	if err != nil {
		return nil, err
	}
	if data, ok := t.written[rel]; ok {
		return data, nil
	}
	got, err := t.ask("read", rel)
	if err != nil {
		return nil, err
	}
	if !got.Found {
		return nil, missing("open", name)
	}
	return slices.Clone(got.Data), nil
}

// Stat implements fs.StatFS.
func (t *tree) Stat(name string) (fs.FileInfo, error) {
	rel, err := clean("stat", name)
	if err != nil {
		return nil, err
	}
	kind, err := t.kind(rel)
	if err != nil {
		return nil, err
	}
	if kind == "" {
		return nil, missing("stat", name)
	}
	return &entry{path.Base(name), kind == "dir"}, nil
}

// ReadDir implements fs.ReadDirFS, in order of names.
func (t *tree) ReadDir(name string) ([]fs.DirEntry, error) {
	rel, err := clean("open", name)
	if err != nil {
		return nil, err
	}
	got, err := t.ask("list", rel)
	if err != nil {
		return nil, err
	}
	if !got.Found {
		return nil, missing("open", name)
	}
	entries := make([]fs.DirEntry, len(got.Entries))
	for i, e := range got.Entries {
		entries[i] = e
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Open implements fs.FS; nothing needs more than the methods above.
func (t *tree) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
}
