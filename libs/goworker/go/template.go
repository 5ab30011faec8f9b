package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// maxOutput bounds one rendered text.
const maxOutput = 4 << 20

// functions are sprig's, less those that read the process's environment or ask the network.
var functions = func() template.FuncMap {
	all := sprig.TxtFuncMap()
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(all, name)
	}
	return all
}()

type bounded struct{ strings.Builder }

func (b *bounded) Write(data []byte) (int, error) {
	if b.Len()+len(data) > maxOutput {
		return 0, fmt.Errorf("the output has more than %d bytes", maxOutput)
	}
	return b.Builder.Write(data)
}

func runTemplate(req *request, _ *tree) (any, error) {
	var job struct {
		Texts map[string]string `json:"texts"`
		Scope scope             `json:"scope"`
	}
	if err := decode(req, &job); err != nil {
		return nil, err
	}
	vars, err := job.Scope.variables()
	if err != nil {
		return nil, err
	}
	rendered := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(job.Texts)) {
		parsed, err := template.New(name).Funcs(functions).Parse(job.Texts[name])
		if err != nil {
			return nil, err
		}
		var out bounded
		if err := parsed.Execute(&out, vars); err != nil {
			return nil, err
		}
		rendered[name] = out.String()
	}
	return rendered, nil
}
