// SPDX-License-Identifier: BSD-2-Clause

// Renders the templates of a chart as Helm does, with text/template alone: no template of ours uses
// a function of Helm's own.
//
// usage: render CHART <VALUES
//
// VALUES is JSON. A value that a template names and nobody sets is an error.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

func main() {
	if err := render(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "render:", err)
		os.Exit(1)
	}
}

func render(chart string) error {
	var values map[string]interface{}
	decoder := json.NewDecoder(os.Stdin)
	// Helm's own way: 128 stays 128
	decoder.UseNumber()
	if err := decoder.Decode(&values); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(chart, "templates", "*.yaml"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no templates in %s: %v", chart, err)
	}
	data := map[string]interface{}{
		"Values":  values,
		"Release": map[string]string{"Namespace": "killtrace"},
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		parsed, err := template.New(file).Option("missingkey=error").Parse(string(text))
		if err != nil {
			return err
		}
		fmt.Println("---")
		if err := parsed.Execute(os.Stdout, data); err != nil {
			return err
		}
	}
	return nil
}
