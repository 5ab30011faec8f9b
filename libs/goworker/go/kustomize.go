package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kustomize/v5/commands/edit"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

type kustomizeJob struct {
	Path                    string     `json:"path"`
	Edits                   [][]string `json:"edits"` // arguments of `kustomize edit`
	Patches                 []any      `json:"patches"`
	Components              []string   `json:"components"`
	IgnoreMissingComponents bool       `json:"ignore_missing_components"`
	Limits                  limits     `json:"limits"`
}

// runKustomize edits the kustomization as Argo CD does with `kustomize edit`, in memory, and builds it.
func runKustomize(req *request, files *tree) (any, error) {
	var job kustomizeJob
	if err := decode(req, &job); err != nil {
		return nil, err
	}
	disk := &mounted{tree: files, cwd: path.Join(mount, job.Path)}
	if !disk.IsDir(".") {
		return nil, missing("stat", job.Path)
	}
	if err := job.edit(disk); err != nil {
		return nil, named(err)
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(disk, ".")
	if err != nil {
		return nil, named(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		return nil, err
	}
	return parseYAML(text, true, job.Limits)
}

// named gives the refusals of this worker their code. Cloning fails because the environment, PATH with it, is empty.
func named(err error) error {
	text := strings.ReplaceAll(err.Error(), mount+"/", "")
	switch {
	case strings.Contains(text, "no 'git' program on path"), strings.Contains(text, errOffline.Error()):
		return refuse("RemoteBaseForbidden", "remote bases are refused: %s", text)
	case types.IsErrOnlyBuiltinPluginsAllowed(err), strings.Contains(text, "must specify --enable-helm"):
		return refuse("FeatureRefused", "plugins, functions and Helm inflation are refused: %s", text)
	}
	var known *failure
	if errors.As(err, &known) {
		return known
	}
	return refuse("KustomizeFailed", "%s", text)
}

// edit applies the client's commands, then what `kustomize edit` has no command for.
func (job *kustomizeJob) edit(disk *mounted) error {
	for _, args := range job.Edits {
		if err := runEdit(disk, args); err != nil {
			return err
		}
	}
	if err := job.addPatches(disk); err != nil {
		return err
	}
	return job.addComponents(disk)
}

func runEdit(disk *mounted, args []string) error {
	deps := provider.NewDefaultDepProvider()
	command := edit.NewCmdEdit(disk, deps.GetFieldValidator(), deps.GetResourceFactory(), io.Discard)
	command.SilenceErrors, command.SilenceUsage = true, true
	command.SetOut(io.Discard)
	command.SetErr(io.Discard)
	command.SetArgs(args)
	return command.Execute()
}

// addPatches appends to `patches` in the file itself: `kustomize edit` has no command for all of their fields.
func (job *kustomizeJob) addPatches(disk *mounted) error {
	if len(job.Patches) == 0 {
		return nil
	}
	names := konfig.RecognizedKustomizationFileNames()
	at := slices.IndexFunc(names, disk.Exists)
	if at < 0 {
		return errors.New("kustomization file not found in the path")
	}
	text, err := disk.ReadFile(names[at])
	if err != nil {
		return fmt.Errorf("failed to load kustomization.yaml: %w", err)
	}
	kustomization := map[string]any{}
	if err := yaml.Unmarshal(text, &kustomization); err != nil {
		return fmt.Errorf("failed to unmarshal kustomization.yaml: %w", err)
	}
	patches, isList := kustomization["patches"].([]any)
	if old := kustomization["patches"]; old != nil && !isList {
		return fmt.Errorf("expected 'patches' field in kustomization.yaml to be []any, but got %T", old)
	}
	kustomization["patches"] = append(patches, job.Patches...)
	if text, err = yaml.Marshal(kustomization); err != nil {
		return err
	}
	return disk.WriteFile(names[at], text)
}

func (job *kustomizeJob) addComponents(disk *mounted) error {
	components := job.Components
	if job.IgnoreMissingComponents {
		components = slices.DeleteFunc(slices.Clone(components), func(name string) bool { return !disk.Exists(name) })
	}
	if len(components) == 0 {
		return nil
	}
	return runEdit(disk, append([]string{"add", "component", "--"}, components...))
}

// mount is where Kustomize sees the tree; what lies outside it does not exist.
const mount = "/repository"

// mounted is a tree as Kustomize's file system. Only the methods that edit and build use do anything.
type mounted struct {
	tree *tree
	cwd  string
}

func (m *mounted) absolute(name string) string {
	if !path.IsAbs(name) {
		name = path.Join(m.cwd, name)
	}
	return path.Clean(name)
}

// inTree gives the path inside the tree, as fs.FS wants it.
func (m *mounted) inTree(op, name string) (string, error) {
	full := m.absolute(name)
	if full == mount {
		return ".", nil
	}
	if !strings.HasPrefix(full, mount+"/") {
		return "", missing(op, full)
	}
	return strings.TrimPrefix(full, mount+"/"), nil
}

func (m *mounted) stat(op, name string) (fs.FileInfo, error) {
	inside, err := m.inTree(op, name)
	if err != nil {
		return nil, err
	}
	info, err := m.tree.Stat(inside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(op, m.absolute(name))
	}
	return info, err
}

func (m *mounted) Exists(name string) bool {
	_, err := m.stat("stat", name)
	return err == nil
}

func (m *mounted) IsDir(name string) bool {
	info, err := m.stat("stat", name)
	return err == nil && info.IsDir()
}

func (m *mounted) CleanedAbs(name string) (filesys.ConfirmedDir, string, error) {
	full := m.absolute(name)
	info, err := m.stat("lstat", name)
	if err != nil {
		return "", "", fmt.Errorf("evalsymlink failure on '%s' : %w", full, err)
	}
	if info.IsDir() {
		return filesys.ConfirmedDir(full), "", nil
	}
	return filesys.ConfirmedDir(path.Dir(full)), path.Base(full), nil
}

func (m *mounted) ReadFile(name string) ([]byte, error) {
	inside, err := m.inTree("open", name)
	if err != nil {
		return nil, err
	}
	return m.tree.ReadFile(inside)
}

func (m *mounted) WriteFile(name string, data []byte) error {
	inside, err := m.inTree("open", name)
	if err == nil {
		m.tree.written[inside] = bytes.Clone(data)
	}
	return err
}

func (m *mounted) ReadDir(name string) ([]string, error) {
	inside, err := m.inTree("open", name)
	if err != nil {
		return nil, err
	}
	entries, err := m.tree.ReadDir(inside)
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, err
}

func (m *mounted) Glob(pattern string) ([]string, error) {
	inside, err := m.inTree("glob", pattern)
	if err != nil {
		return nil, nil
	}
	found, err := fs.Glob(m.tree, inside)
	for i, name := range found {
		if found[i] = path.Join(mount, name); !path.IsAbs(pattern) {
			found[i], _ = filepath.Rel(m.cwd, found[i])
		}
	}
	if !filesys.IsHiddenFilePath(pattern) {
		found = filesys.RemoveHiddenFiles(found)
	}
	return found, err
}

func (m *mounted) Create(string) (filesys.File, error)  { return nil, errors.ErrUnsupported }
func (m *mounted) Open(string) (filesys.File, error)    { return nil, errors.ErrUnsupported }
func (m *mounted) Mkdir(string) error                   { return errors.ErrUnsupported }
func (m *mounted) MkdirAll(string) error                { return errors.ErrUnsupported }
func (m *mounted) RemoveAll(string) error               { return errors.ErrUnsupported }
func (m *mounted) Walk(string, filepath.WalkFunc) error { return errors.ErrUnsupported }
