package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	yamlnodes "go.yaml.in/yaml/v3"
	strictjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

type limits struct {
	Bytes     int `json:"max_bytes"`
	Documents int `json:"max_documents"`
	Depth     int `json:"max_depth"`
	Nodes     int `json:"max_nodes"`
}

type yamlJob struct {
	Text    []byte `json:"text"`
	Objects bool   `json:"objects"` // each document must be an object
	Limits  limits `json:"limits"`
}

func runYAML(_ *worker, _ *request, job *yamlJob) (any, error) {
	return parseYAML(job.Text, job.Objects, job.Limits)
}

// A document mark at the start of a line; content may follow `---`.
var documentMark = regexp.MustCompile(`(?m)^(?:---|\.\.\.)(?:[ \t\r]|$)`)

// parseYAML reads documents as Kubernetes does: YAML 1.1 to JSON, duplicate keys refused, empty documents left out.
func parseYAML(text []byte, objects bool, lim limits) ([]json.RawMessage, error) {
	if len(text) > lim.Bytes {
		return nil, refuse("YamlLimit", "the text has %d bytes, more than %d", len(text), lim.Bytes)
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, refuse("YamlInvalid", "line %d: a NUL byte; the text must be UTF-8", 1+bytes.Count(text[:at], []byte("\n")))
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	found := []json.RawMessage{}
	start, line, number := 0, 1, 0
	for _, mark := range append(documentMark.FindAllIndex(text, -1), []int{len(text)}) {
		doc := bytes.TrimPrefix(text[start:mark[0]], []byte("..."))
		startLine := line
		line += bytes.Count(text[start:mark[0]], []byte("\n"))
		start = mark[0]
		if len(bytes.TrimSpace(bytes.TrimPrefix(doc, []byte("---")))) == 0 {
			continue
		}
		number++
		value, err := parseDocument(doc, objects, lim)
		if err == nil && value != nil {
			if found = append(found, value); len(found) > lim.Documents {
				err = refuse("YamlLimit", "more than %d documents", lim.Documents)
			}
		}
		if err != nil {
			return nil, located(err, number, startLine)
		}
	}
	return found, nil
}

var lineNumber = regexp.MustCompile(`\bline \d+`)

// located names the document of an error, and turns its line numbers into those of the whole text.
func located(err error, number, startLine int) error {
	known := &failure{Code: "YamlInvalid"}
	errors.As(err, &known)
	message := lineNumber.ReplaceAllStringFunc(err.Error(), func(found string) string {
		n, _ := strconv.Atoi(found[len("line "):])
		return fmt.Sprintf("line %d", n+startLine-1)
	})
	return refuse(known.Code, "document %d (line %d): %s", number, startLine, message)
}

// parseDocument gives the document's JSON, or nil for an empty one.
func parseDocument(text []byte, objects bool, lim limits) (value json.RawMessage, err error) {
	plain := bytes.TrimSpace(bytes.TrimPrefix(text, []byte("---")))
	switch {
	case json.Valid(plain): // a few legal JSON texts are no YAML 1.1
		var problems []error
		problems, err = strictjson.UnmarshalStrict(plain, new(any), strictjson.DisallowDuplicateFields)
		value, err = plain, errors.Join(append(problems, err)...)
	case bytes.ContainsRune(text, '*'): // the strict parser takes a key that overrides a merged one for a duplicate
		if err = checkNodes(text, lim.Nodes); err == nil {
			value, err = yaml.YAMLToJSON(text)
		}
	default:
		value, err = yaml.YAMLToJSONStrict(text)
	}
	switch {
	case err != nil:
		return nil, err
	case bytes.Equal(value, []byte("null")):
		return nil, nil
	case objects && value[0] != '{':
		return nil, fmt.Errorf("must be an object, not %.40s", value)
	}
	return value, checkDepth(value, lim.Depth)
}

// checkDepth bounds the nesting of a JSON text.
func checkDepth(value []byte, limit int) error {
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == '{' || c == '['):
			if depth++; depth > limit {
				return refuse("YamlLimit", "nested deeper than %d", limit)
			}
		case !quoted && (c == '}' || c == ']'):
			depth--
		}
	}
	return nil
}

// checkNodes refuses duplicate keys, and more values than the limit once aliases are expanded, without expanding them.
func checkNodes(text []byte, limit int) (err error) {
	var root yamlnodes.Node
	if yamlnodes.Unmarshal(text, &root) != nil {
		return nil // not YAML: the real parser says so in its own words
	}
	sizes := map[*yamlnodes.Node]int{}
	var size func(*yamlnodes.Node) int
	size = func(n *yamlnodes.Node) int {
		if n.Kind == yamlnodes.AliasNode {
			n = n.Alias
		}
		if known, seen := sizes[n]; seen {
			return known // 0 inside of itself, which the real parser refuses
		}
		total, keys := 1, map[string]bool{}
		sizes[n] = 0
		for i, child := range n.Content {
			total = min(total+size(child), limit+1)
			if n.Kind == yamlnodes.MappingNode && i%2 == 0 && child.Kind == yamlnodes.ScalarNode {
				if keys[child.Value] {
					err = fmt.Errorf("line %d: key %q already set in map", child.Line, child.Value)
				}
				keys[child.Value] = true
			}
		}
		sizes[n] = total
		return total
	}
	if size(&root) > limit {
		return refuse("YamlLimit", "aliases expand to more than %d values", limit)
	}
	return err
}
