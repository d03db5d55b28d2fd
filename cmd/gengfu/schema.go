package main

import (
	"github.com/spf13/cobra"

	"gengfu/scenarios"
)

func schemaCommand(o *options) *cobra.Command {
	var reference bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for editors",
		Example: `  gengfu schema > scenario.schema.json
  # then begin a scenario file with
  # yaml-language-server: $schema=scenario.schema.json
  gengfu schema --reference --lang en    # the same as a page for people`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			text := scenarios.Schema()
			if reference {
				text = []byte(scenarios.Reference(o.language()))
			}
			_, err := cmd.OutOrStdout().Write(text)
			return err
		},
	}
	cmd.Flags().BoolVar(&reference, "reference", false, "print the reference page of the language in Markdown instead")
	return cmd
}
