package main

import (
	"bytes"
	"encoding/json"
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

func runYAML(req *request, _ *tree) (any, error) {
	var job struct {
		Text    []byte `json:"text"`
		Objects bool   `json:"objects"` // each document must be an object
		Limits  limits `json:"limits"`
	}
	if err := decode(req, &job); err != nil {
		return nil, err
	}
	return parseYAML(job.Text, job.Objects, job.Limits)
}

// parseYAML reads documents as Kubernetes does: YAML 1.1 to JSON, duplicate keys refused, empty documents left out.
func parseYAML(text []byte, objects bool, lim limits) ([]json.RawMessage, error) {
	if len(text) > lim.Bytes {
		return nil, refuse("YamlLimit", "the text has %d bytes, more than %d", len(text), lim.Bytes)
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, refuse("YamlInvalid", "line %d: a NUL byte; the text must be UTF-8", 1+bytes.Count(text[:at], []byte("\n")))
	}
	found := []json.RawMessage{}
	for i, doc := range split(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))) {
		value, err := doc.parse(lim)
		if err == nil && objects && len(value) > 0 && value[0] != '{' {
			err = refuse("YamlInvalid", "must be an object, not %.40s", value)
		}
		if err != nil {
			code := "YamlInvalid"
			if known, ok := err.(*failure); ok {
				code = known.Code
			}
			return nil, refuse(code, "document %d (line %d): %s", i+1, doc.line, doc.inText(err.Error()))
		}
		if len(value) == 0 {
			continue
		}
		if len(found) == lim.Documents {
			return nil, refuse("YamlLimit", "document %d (line %d): more than %d documents", i+1, doc.line, lim.Documents)
		}
		found = append(found, value)
	}
	return found, nil
}

// document is one document of a text and the line of the text on which it starts, from 1.
type document struct {
	text []byte
	line int
}

// marks tells whether a line is the document mark `---` or `...`, which may have content or a comment after it.
func marks(line []byte, mark string) bool {
	if !bytes.HasPrefix(line, []byte(mark)) {
		return false
	}
	rest := line[len(mark):]
	return len(rest) == 0 || bytes.ContainsRune([]byte(" \t\r\n"), rune(rest[0]))
}

// split cuts a text at its document marks. A start mark stays with its document, since content may follow it.
func split(text []byte) []document {
	var docs []document
	start, startLine, line := 0, 1, 0
	cut := func(end, next, nextLine int) {
		if len(bytes.TrimSpace(text[start:end])) > 0 {
			docs = append(docs, document{text[start:end], startLine})
		}
		start, startLine = next, nextLine
	}
	for at := 0; at < len(text); {
		line++
		end := len(text)
		if n := bytes.IndexByte(text[at:], '\n'); n >= 0 {
			end = at + n + 1
		}
		switch {
		case marks(text[at:end], "---"):
			cut(at, at, line)
		case marks(text[at:end], "..."):
			cut(at, end, line+1)
		}
		at = end
	}
	cut(len(text), len(text), line)
	return docs
}

var lineNumber = regexp.MustCompile(`\bline (\d+)`)

// inText turns the line numbers of a message about the document into those of the whole text.
func (d document) inText(message string) string {
	return lineNumber.ReplaceAllStringFunc(message, func(found string) string {
		n, _ := strconv.Atoi(found[len("line "):])
		return fmt.Sprintf("line %d", n+d.line-1)
	})
}

// parse gives the document's JSON, or nothing for an empty one.
func (d document) parse(lim limits) (json.RawMessage, error) {
	if value, err := parseJSON(d.text); value != nil || err != nil {
		if err == nil {
			err = checkDepth(value, lim.Depth)
		}
		return value, err
	}
	if bytes.ContainsRune(d.text, '*') {
		if err := checkAliases(d.text, lim.Nodes); err != nil {
			return nil, err
		}
	}
	value, err := yaml.YAMLToJSONStrict(d.text)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(value, []byte("null")) {
		return nil, nil
	}
	return value, checkDepth(value, lim.Depth)
}

// parseJSON handles documents that are JSON: a few legal JSON texts are no YAML 1.1.
func parseJSON(text []byte) (json.RawMessage, error) {
	trimmed := bytes.TrimSpace(text)
	if len(trimmed) == 0 || (trimmed[0] != '{' && trimmed[0] != '[') || !json.Valid(trimmed) {
		return nil, nil
	}
	var value any
	problems, err := strictjson.UnmarshalStrict(trimmed, &value, strictjson.DisallowDuplicateFields)
	if err == nil && len(problems) > 0 {
		err = problems[0]
	}
	return trimmed, err
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

// checkAliases bounds how many values the document has once its aliases are expanded, without expanding them.
func checkAliases(text []byte, limit int) error {
	var root yamlnodes.Node
	if yamlnodes.Unmarshal(text, &root) != nil {
		return nil // not YAML: the real parser says so in its own words
	}
	sizes := map[*yamlnodes.Node]int{}
	var size func(*yamlnodes.Node) (int, error)
	size = func(n *yamlnodes.Node) (int, error) {
		if n.Kind == yamlnodes.AliasNode {
			n = n.Alias
		}
		if known, seen := sizes[n]; seen {
			if known == 0 {
				return 0, refuse("YamlLimit", "line %d: anchor %q contains itself", n.Line, n.Anchor)
			}
			return known, nil
		}
		sizes[n] = 0
		total := 1
		for _, child := range n.Content {
			below, err := size(child)
			if err != nil {
				return 0, err
			}
			if total += below; total > limit {
				return 0, refuse("YamlLimit", "aliases expand to more than %d values", limit)
			}
		}
		sizes[n] = total
		return total, nil
	}
	_, err := size(&root)
	return err
}
