package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing/fstest"

	"helm.sh/helm/v4/pkg/action"
	"helm.sh/helm/v4/pkg/chart"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/loader/archive"
	chartv2 "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/ignore"
	release "helm.sh/helm/v4/pkg/release/v1"
	"helm.sh/helm/v4/pkg/strvals"
)

type helmJob struct {
	Chart       map[string][]byte `json:"chart"` // the chart's folder
	Files       map[string][]byte `json:"files"` // what the fields below name
	ReleaseName string            `json:"release_name"`
	Namespace   string            `json:"namespace"`
	KubeVersion string            `json:"kube_version"`
	APIVersions []string          `json:"api_versions"`
	ValueFiles  []string          `json:"value_files"`
	Set         []string          `json:"set"`
	SetString   []string          `json:"set_string"`
	SetFile     []string          `json:"set_file"`
	SkipCRDs    bool              `json:"skip_crds"`
	SkipTests   bool              `json:"skip_tests"`
	SkipSchema  bool              `json:"skip_schema_validation"`
	Limits      limits            `json:"limits"`
}

// runHelm is `helm template`: the same calls as Helm's own command, less the cluster, the network and the disk. All
// files that it needs come with the job.
func runHelm(_ *worker, _ *request, job *helmJob) (any, error) {
	values, err := job.merge()
	if err != nil {
		return nil, err
	}
	loaded, err := loadChart(job.Chart)
	if err != nil {
		return nil, err
	}
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return nil, fmt.Errorf("%s charts are not installable", kind)
	}
	wanted := must(chart.NewAccessor(loaded)).MetaDependencies()
	if err := action.CheckDependencies(loaded, wanted); err != nil {
		return nil, fmt.Errorf("an error occurred while checking for chart dependencies. "+
			"You may need to run 'helm dependency build' to fetch missing dependencies: %w", err)
	}
	if err := refuseOutsideSchemas(loaded); err != nil && !job.SkipSchema {
		return nil, err
	}
	text, err := job.render(loaded, values)
	if err != nil {
		return nil, err
	}
	return parseYAML(text, true, job.Limits)
}

// merge gives the values in Helm's order of precedence, with its command's error texts.
func (job *helmJob) merge() (map[string]any, error) {
	values := map[string]any{}
	read := func(name []rune) (any, error) {
		text, ok := job.Files[string(name)]
		if !ok {
			return nil, missing("open", string(name))
		}
		return string(text), nil
	}
	for _, name := range job.ValueFiles {
		text, err := read([]rune(name))
		if err != nil {
			return nil, err
		}
		more, err := loader.LoadValues(strings.NewReader(text.(string)))
		if err != nil {
			return nil, fmt.Errorf("failed to parse %s: %w", name, err)
		}
		values = loader.MergeMaps(values, more)
	}
	flags := []struct {
		name  string
		texts []string
		parse func(string) error
	}{
		{"--set", job.Set, func(text string) error { return strvals.ParseInto(text, values) }},
		{"--set-string", job.SetString, func(text string) error { return strvals.ParseIntoString(text, values) }},
		{"--set-file", job.SetFile, func(text string) error { return strvals.ParseIntoFile(text, values, read) }},
	}
	for _, flag := range flags {
		for _, text := range flag.texts {
			if err := flag.parse(text); err != nil {
				return nil, fmt.Errorf("failed parsing %s data: %w", flag.name, err)
			}
		}
	}
	return values, nil
}

// loadChart reads a chart's folder as Helm's directory loader does, .helmignore included.
func loadChart(files map[string][]byte) (*chartv2.Chart, error) {
	rules := ignore.Empty()
	tree := fstest.MapFS{}
	for name, data := range files {
		tree[name] = &fstest.MapFile{Data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), Mode: 0o644}
	}
	if text, ok := tree[ignore.HelmIgnore]; ok {
		var err error
		if rules, err = ignore.Parse(bytes.NewReader(text.Data)); err != nil {
			return nil, err
		}
	}
	rules.AddDefaults()
	var loaded []*archive.BufferedFile
	err := fs.WalkDir(tree, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		info, _ := e.Info() // never fails on a MapFS
		switch ignored := rules.Ignore(name, info); {
		case ignored && e.IsDir():
			return fs.SkipDir
		case !ignored && !e.IsDir():
			loaded = append(loaded, &archive.BufferedFile{Name: name, Data: tree[name].Data})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return loader.LoadFiles(loaded)
}

var schemaReference = regexp.MustCompile(`"(?:\$ref|\$dynamicRef|\$schema)":"([^"#]+)`)

// refuseOutsideSchemas keeps the schema validator from reading `file:` and `http:` references by itself.
func refuseOutsideSchemas(loaded *chartv2.Chart) error {
	var schema any
	if json.Unmarshal(loaded.Schema, &schema) == nil {
		text := must(json.Marshal(schema)) // one spelling for every key
		for _, found := range schemaReference.FindAllSubmatch(text, -1) {
			own := bytes.Contains(text, []byte(`"$id":"`+string(found[1])))
			if !own && !bytes.Contains(found[1], []byte("://json-schema.org/")) {
				return refuse("FeatureRefused", "values.schema.json of chart %s refers to %s: schemas outside the chart are not "+
					"read; skipSchemaValidation renders without validation", loaded.Name(), found[1])
			}
		}
	}
	for _, below := range loaded.Dependencies() {
		if err := refuseOutsideSchemas(below); err != nil {
			return err
		}
	}
	return nil
}

// render gives the text that `helm template --include-crds` prints.
func (job *helmJob) render(loaded *chartv2.Chart, values map[string]any) ([]byte, error) {
	install := action.NewInstall(action.NewConfiguration())
	install.DryRunStrategy = action.DryRunClient
	install.Replace = true // skips the check of the name
	install.ReleaseName, install.Namespace = job.ReleaseName, job.Namespace
	install.IncludeCRDs, install.SkipSchemaValidation = !job.SkipCRDs, job.SkipSchema
	install.APIVersions = common.VersionSet(job.APIVersions)
	if job.KubeVersion != "" {
		version, err := common.ParseKubeVersion(job.KubeVersion)
		if err != nil {
			return nil, fmt.Errorf("invalid kube version '%s': %w", job.KubeVersion, err)
		}
		install.KubeVersion = version
	}
	released, err := install.Run(loaded, values)
	if err != nil {
		return nil, err
	}
	result := released.(*release.Release)
	text := bytes.NewBufferString(strings.TrimSpace(result.Manifest) + "\n")
	for _, hook := range result.Hooks {
		if !job.SkipTests || !slices.Contains(hook.Events, release.HookTest) {
			fmt.Fprintf(text, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
		}
	}
	return text.Bytes(), nil
}
