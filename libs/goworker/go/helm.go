package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

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
	Path        string   `json:"path"`
	ReleaseName string   `json:"release_name"`
	Namespace   string   `json:"namespace"`
	KubeVersion string   `json:"kube_version"`
	APIVersions []string `json:"api_versions"`
	ValueFiles  []string `json:"value_files"`
	Values      string   `json:"values"`
	Set         []string `json:"set"`
	SetString   []string `json:"set_string"`
	SetFile     []string `json:"set_file"`
	SkipCRDs    bool     `json:"skip_crds"`
	SkipTests   bool     `json:"skip_tests"`
	SkipSchema  bool     `json:"skip_schema_validation"`
	Limits      limits   `json:"limits"`
}

// runHelm is `helm template`: the same calls as Helm's own command, less the cluster, the network and the disk.
func runHelm(req *request, files *tree) (any, error) {
	var job helmJob
	if err := decode(req, &job); err != nil {
		return nil, err
	}
	values, err := job.merge(files)
	if err != nil {
		return nil, err
	}
	loaded, err := loadChart(files, job.Path)
	if err != nil {
		return nil, err
	}
	if kind := loaded.Metadata.Type; kind != "" && kind != "application" {
		return nil, fmt.Errorf("%s charts are not installable", kind)
	}
	if err := checkDependencies(loaded); err != nil {
		return nil, err
	}
	if !job.SkipSchema {
		if err := refuseOutsideSchemas(loaded); err != nil {
			return nil, err
		}
	}
	text, err := job.render(loaded, values)
	if err != nil {
		return nil, err
	}
	return parseYAML(text, true, job.Limits)
}

// merge gives the values in Helm's order of precedence, with the command's own error texts.
func (job *helmJob) merge(files *tree) (map[string]any, error) {
	values := map[string]any{}
	add := func(name string, text []byte) error {
		more, err := loader.LoadValues(bytes.NewReader(text))
		if err != nil {
			return fmt.Errorf("failed to parse %s: %w", name, err)
		}
		values = loader.MergeMaps(values, more)
		return nil
	}
	for _, name := range job.ValueFiles {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := add(name, text); err != nil {
			return nil, err
		}
	}
	if err := add("values", []byte(job.Values)); err != nil {
		return nil, err
	}
	read := func(name []rune) (any, error) {
		text, err := files.ReadFile(string(name))
		return string(text), err
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
func loadChart(files *tree, folder string) (*chartv2.Chart, error) {
	rules := ignore.Empty()
	if text, err := files.ReadFile(path.Join(folder, ignore.HelmIgnore)); err == nil {
		if rules, err = ignore.Parse(bytes.NewReader(text)); err != nil {
			return nil, err
		}
	}
	rules.AddDefaults()
	var loaded []*archive.BufferedFile
	budget := archive.MaxDecompressedChartSize
	top := path.Join(".", folder)
	err := fs.WalkDir(files, top, func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == top {
			return err
		}
		info, _ := e.Info()
		inside := strings.TrimPrefix(name, top+"/")
		if rules.Ignore(inside, info) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if e.IsDir() {
			return nil
		}
		data, err := files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("error reading %s: %w", inside, err)
		}
		if budget -= int64(len(data)); budget < 0 {
			return fmt.Errorf("chart exceeds maximum decompressed size of %d bytes", archive.MaxDecompressedChartSize)
		}
		data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
		loaded = append(loaded, &archive.BufferedFile{Name: inside, Data: data})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return loader.LoadFiles(loaded)
}

func checkDependencies(loaded *chartv2.Chart) error {
	accessor, err := chart.NewAccessor(loaded)
	if err != nil {
		return err
	}
	if err := action.CheckDependencies(loaded, accessor.MetaDependencies()); err != nil {
		return fmt.Errorf("an error occurred while checking for chart dependencies. "+
			"You may need to run 'helm dependency build' to fetch missing dependencies: %w", err)
	}
	return nil
}

// refuseOutsideSchemas keeps the schema validator from reading `file:` and `http:` references by itself.
func refuseOutsideSchemas(loaded *chartv2.Chart) error {
	ids := map[string]bool{}
	var refs []string
	var walk func(any)
	walk = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case map[string]any:
			for key, item := range v {
				text, isText := item.(string)
				switch {
				case isText && (key == "$id" || key == "id"):
					ids[strings.TrimSuffix(text, "#")] = true
				case isText && (key == "$ref" || key == "$dynamicRef" || key == "$schema"):
					refs = append(refs, text)
				}
				walk(item)
			}
		}
	}
	var schema any
	if json.Unmarshal(loaded.Schema, &schema) == nil {
		walk(schema)
	}
	for _, ref := range refs {
		base, _, _ := strings.Cut(ref, "#")
		builtIn := strings.HasPrefix(base, "http://json-schema.org/") || strings.HasPrefix(base, "https://json-schema.org/")
		if base != "" && !builtIn && !ids[base] {
			return refuse("FeatureRefused", "values.schema.json of chart %s refers to %s: schemas outside the chart are not "+
				"read; set skipSchemaValidation to render without validation", loaded.Name(), ref)
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
	result, ok := released.(*release.Release)
	if !ok {
		return nil, fmt.Errorf("unexpected release type %T", released)
	}
	text := bytes.NewBufferString(strings.TrimSpace(result.Manifest) + "\n")
	for _, hook := range result.Hooks {
		if !job.SkipTests || !slices.Contains(hook.Events, release.HookTest) {
			fmt.Fprintf(text, "---\n# Source: %s\n%s\n", hook.Path, hook.Manifest)
		}
	}
	return text.Bytes(), nil
}
