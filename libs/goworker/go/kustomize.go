package main

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/provider"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kustomize/v5/commands/edit"
)

type kustomizeJob struct {
	Path   string     `json:"path"`
	Edits  [][]string `json:"edits"` // arguments of `kustomize edit`
	Limits limits     `json:"limits"`
}

// runKustomize edits the kustomization in memory and builds it, with Kustomize's default options.
func runKustomize(w *worker, req *request, job *kustomizeJob) (any, error) {
	tree := newFiles(w, req, job.Path)
	if !tree.IsDir(".") {
		return nil, missing("stat", job.Path)
	}
	for _, args := range job.Edits {
		if err := runEdit(tree, args); err != nil {
			return nil, named(err)
		}
	}
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(tree, ".")
	if err != nil {
		return nil, named(err)
	}
	text, err := built.AsYaml()
	if err != nil {
		return nil, err
	}
	return parseYAML(text, true, job.Limits)
}

// An address that Kustomize took for a path.
var addressAsPath = regexp.MustCompile(`evalsymlink failure on '[^']*\b(?:https?|ssh|git|file):`)

// named gives the refusals of this worker their code. Cloning fails because there is no PATH.
func named(err error) error {
	text := strings.ReplaceAll(err.Error(), mount+"/", "")
	switch {
	case strings.Contains(text, "no 'git' program"), strings.Contains(text, errOffline.Error()), addressAsPath.MatchString(text):
		return refuse("RemoteBaseForbidden", "remote bases are refused: %s", text)
	case types.IsErrOnlyBuiltinPluginsAllowed(err), strings.Contains(text, "must specify --enable-helm"):
		return refuse("FeatureRefused", "plugins, functions and Helm inflation are refused: %s", text)
	}
	return errors.New(text)
}

func runEdit(tree *files, args []string) error {
	deps := provider.NewDefaultDepProvider()
	command := edit.NewCmdEdit(tree, deps.GetFieldValidator(), deps.GetResourceFactory(), io.Discard)
	command.SilenceErrors, command.SilenceUsage = true, true
	command.SetArgs(args)
	return command.Execute()
}
