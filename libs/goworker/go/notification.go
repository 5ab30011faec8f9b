package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
	giturls "github.com/chainguard-dev/git-urls"
	strictjson "sigs.k8s.io/json"
)

// scope is what a notification's condition or template sees, as Argo CD's and Argo Rollouts' controllers offer it.
type scope struct {
	Variables json.RawMessage    `json:"variables"`
	Secrets   map[string][]byte  `json:"secrets"`
	Now       time.Time          `json:"now"`
	Commits   map[string]*commit `json:"commits"`
	Numbers   string             `json:"numbers"` // int64 or float64
}

type commit struct {
	Message string
	Author  string
	Date    time.Time
	Tags    []string
}

func (s *scope) variables() map[string]any {
	vars := map[string]any{}
	if s.Numbers == "int64" {
		must(0, strictjson.UnmarshalCaseSensitivePreserveInts(s.Variables, &vars))
	} else {
		must(0, json.Unmarshal(s.Variables, &vars))
	}
	vars["secrets"] = s.Secrets
	vars["strings"] = map[string]any{"ReplaceAll": strings.ReplaceAll, "ToUpper": strings.ToUpper, "ToLower": strings.ToLower}
	vars["repo"] = s.repoFunctions()
	vars["time"] = map[string]any{
		"Parse":      func(text string) time.Time { return must(time.Parse(time.RFC3339, text)) },
		"Now":        func() time.Time { return s.Now },
		"Nanosecond": time.Nanosecond, "Microsecond": time.Microsecond, "Millisecond": time.Millisecond,
		"Second": time.Second, "Minute": time.Minute, "Hour": time.Hour,
		"Layout": time.Layout, "ANSIC": time.ANSIC, "UnixDate": time.UnixDate, "RubyDate": time.RubyDate,
		"RFC822": time.RFC822, "RFC822Z": time.RFC822Z, "RFC850": time.RFC850, "RFC1123": time.RFC1123,
		"RFC1123Z": time.RFC1123Z, "RFC3339": time.RFC3339, "RFC3339Nano": time.RFC3339Nano, "Kitchen": time.Kitchen,
		"Stamp": time.Stamp, "StampMilli": time.StampMilli, "StampMicro": time.StampMicro, "StampNano": time.StampNano,
	}
	return vars
}

func (s *scope) repoFunctions() map[string]any {
	return map[string]any{
		"RepoURLToHTTPS": func(raw string) string {
			parsed := must(giturls.Parse(raw))
			parsed.Scheme, parsed.User = "https", nil
			return parsed.String()
		},
		"FullNameByRepoURL": func(raw string) string {
			name := strings.TrimSuffix(must(giturls.Parse(raw)).Path, ".git")
			if parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' }); len(parts) >= 2 {
				return parts[0] + "/" + parts[1]
			}
			return name
		},
		"QueryEscape": url.QueryEscape,
		"GetCommitMetadata": func(sha string) any {
			if found := s.Commits[sha]; found != nil {
				return *found
			}
			panic(fmt.Errorf("metadata of commit %s is not known", sha))
		},
		"GetAppDetails": func() any { panic(fmt.Errorf("repo.GetAppDetails is not supported")) },
	}
}

// must panics as the functions of Argo do; both languages turn that into an error.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// functions are sprig's, less those that read the process's environment or ask the network.
var functions = func() template.FuncMap {
	all := sprig.TxtFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(all, name)
	}
	return all
}()

type templateJob struct {
	Texts map[string]string `json:"texts"`
	Scope scope             `json:"scope"`
}

func runTemplate(_ *worker, _ *request, job *templateJob) (any, error) {
	vars := job.Scope.variables()
	rendered := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(job.Texts)) {
		parsed, err := template.New(name).Funcs(functions).Parse(job.Texts[name])
		if err != nil {
			return nil, err
		}
		var out strings.Builder
		if err := parsed.Execute(&out, vars); err != nil {
			return nil, err
		}
		rendered[name] = out.String()
	}
	return rendered, nil
}
