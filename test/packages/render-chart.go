// Usage: render-chart.go TEMPLATE…
// Renders a chart's templates as Helm does, with the same engine (text/template) and those of its functions that the chart uses.
// What they see (.Values, .Release) comes as JSON from standard input.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"text/template"
)

func main() {
	var seen map[string]interface{}
	if err := json.NewDecoder(os.Stdin).Decode(&seen); err != nil {
		fail(err)
	}
	functions := template.FuncMap{
		"quote": func(value interface{}) string { return fmt.Sprintf("%q", fmt.Sprint(value)) },
		"toJson": func(value interface{}) (string, error) {
			text, err := json.Marshal(value)
			return string(text), err
		},
	}
	for _, file := range os.Args[1:] {
		text, err := os.ReadFile(file)
		if err != nil {
			fail(err)
		}
		parsed, err := template.New(file).Option("missingkey=error").Funcs(functions).Parse(string(text))
		if err != nil {
			fail(err)
		}
		fmt.Println("---")
		if err := parsed.Execute(os.Stdout, seen); err != nil {
			fail(err)
		}
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
