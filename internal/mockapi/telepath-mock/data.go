// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/telepathvoice/terraform-provider-telepath/internal/mockapi"
)

// serveFile makes the trunks of a file the account of the API, and reads a regular file
// again for each request. A later error is logged, once for each change of the file.
func serveFile(api *mockapi.API, path string, logger *log.Logger) error {
	var mu sync.Mutex
	// The result of the last read.
	var (
		lastContent []byte
		lastErr     string
	)

	load := func() error {
		mu.Lock()
		defer mu.Unlock()

		content, err := os.ReadFile(path) //nolint:gosec // The user names the file.
		if bytes.Equal(content, lastContent) && fmt.Sprint(err) == lastErr {
			return nil
		}

		lastContent, lastErr = content, fmt.Sprint(err)
		if err != nil {
			return fmt.Errorf("cannot read the file of -data: %w", err)
		}

		trunks, err := parseTrunks(content)
		if err != nil {
			return fmt.Errorf("-data %s is invalid: %w", path, err)
		}

		api.Update(func([]mockapi.Trunk) []mockapi.Trunk { return trunks })

		return nil
	}

	if err := load(); err != nil || readableOnce(path) {
		return err
	}

	api.OnQuery(func(int, *mockapi.Query) {
		if err := load(); err != nil {
			logger.Printf("telepath-mock: %s. The last valid account is served.", clause(err))
		}
	})

	return nil
}

// readableOnce reports whether a second read of the path waits, fails or returns less,
// as of a pipe. On macOS, so does /dev/stdin if it is a file.
func readableOnce(path string) bool {
	info, err := os.Stat(path)

	return err == nil && !info.Mode().IsRegular() || strings.HasPrefix(path, "/dev/")
}

// parseTrunks parses a response of the API. Its error names the line and column, or
// the trunk and field.
func parseTrunks(content []byte) ([]mockapi.Trunk, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff")) // The byte order mark of UTF-8.
	if err := checkSyntax(content); err != nil {
		return nil, err
	}

	var (
		response map[string]json.RawMessage
		list     []json.RawMessage
	)

	if json.Unmarshal(content, &response) != nil {
		return nil, errors.New(`it must be a JSON object with an array "trunks"`)
	}

	if json.Unmarshal(response["trunks"], &list) != nil || list == nil {
		return nil, errors.New(`"trunks" must be an array of trunks`)
	}

	documented := documentedFields()
	numbers := map[string]int{}

	trunks := make([]mockapi.Trunk, 0, len(list))
	for i, raw := range list {
		var fields map[string]any
		if json.Unmarshal(raw, &fields) != nil || fields == nil {
			return nil, fmt.Errorf("trunk %d must be an object", i+1)
		}

		if err := checkTypes("", fields, documented); err != nil {
			return nil, fmt.Errorf("trunk %d: %w", i+1, err)
		}

		id, _ := fields["id"].(string)
		if id == "" {
			return nil, fmt.Errorf("trunk %d: id is missing or empty", i+1)
		}

		if first := numbers[id]; first > 0 {
			return nil, fmt.Errorf("trunk %d: id %q is already the id of trunk %d", i+1, id, first)
		}

		numbers[id] = i + 1
		status, _ := fields["status"].(string)
		trunks = append(trunks, mockapi.Trunk{ID: id, Status: status, JSON: string(raw)})
	}

	return trunks, nil
}

// checkSyntax checks that content is one JSON value in UTF-8 without duplicate keys.
func checkSyntax(content []byte) error {
	// JSON begins with ASCII, so UTF-16 and UTF-32 begin with a NUL within two bytes, or with a byte order mark.
	if slices.ContainsFunc(content[:min(len(content), 2)], func(b byte) bool { return b == 0 || b == 0xff }) {
		return errors.New("it is in UTF-16 or UTF-32: save it in UTF-8")
	}

	_, err := jsontext.AppendFormat(nil, content)

	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return err
	}

	before, rest := content[:syntax.ByteOffset], content[syntax.ByteOffset:]
	if errors.Is(err, io.ErrUnexpectedEOF) {
		before, rest = content, nil
	}

	character, size := utf8.DecodeRune(rest)
	problem := fmt.Sprintf("unexpected character %q", character)

	switch {
	case size == 0:
		problem = "unexpected end of file"
	case character == utf8.RuneError && size == 1:
		problem = fmt.Sprintf("byte 0x%x is not UTF-8: save the file in UTF-8", rest[0])
	case errors.Is(err, jsontext.ErrDuplicateName):
		problem = fmt.Sprintf("duplicate key %q", syntax.JSONPointer.LastToken())
	}

	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1

	return fmt.Errorf("line %d, column %d: %s", line, column, problem)
}

// documentedFields returns a trunk that has all documented fields.
func documentedFields() map[string]any {
	var fields map[string]any

	text, err := json.Marshal(mockapi.GeneratedTrunk(1))
	if err := errors.Join(err, json.Unmarshal(text, &fields)); err != nil {
		panic(err) // A trunk is an object.
	}

	return fields
}

// checkTypes checks that the fields have the types of the documented ones. A field may
// be missing or null, and further fields may have any type.
func checkTypes(prefix string, fields, documented map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(documented)) {
		got, want := fields[name], documented[name]
		if got == nil {
			continue
		}

		if reflect.TypeOf(got) != reflect.TypeOf(want) {
			kind := map[reflect.Kind]string{reflect.String: "a string", reflect.Float64: "a number", reflect.Map: "an object"}

			return fmt.Errorf("%s%s must be %s or null", prefix, name, kind[reflect.TypeOf(want).Kind()])
		}

		nested, _ := got.(map[string]any)

		documentedNested, _ := want.(map[string]any)
		if err := checkTypes(name+".", nested, documentedNested); err != nil {
			return err
		}
	}

	return nil
}
