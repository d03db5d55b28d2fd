package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gengfu"
)

func calendarCommand(o *options) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "calendar",
		Short: "Show working time, and take in announced holidays",
	}
	cmd.AddCommand(calendarShowCommand(o), calendarImportCommand(o))
	return cmd
}

// sound reads the instance file for commands that need all of it to be right.
func (o *options) sound() (*instance, error) {
	in, problems, err := loadInstance(o.config)
	if err != nil {
		return nil, err
	}
	if err := problems.Err(); err != nil {
		return nil, &exitError{exitInvalid, err}
	}
	return in, nil
}

func calendarShowCommand(o *options) *cobra.Command {
	var year int
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show the days of a calendar that do not follow the week",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := o.sound()
			if err != nil {
				return err
			}
			c := in.calendars[args[0]]
			if c == nil {
				return &exitError{exitUsage, fmt.Errorf("no calendar %q (%s)", args[0], suggest(args[0], slices.Sorted(maps.Keys(in.calendars))))}
			}
			now := time.Now()
			if year == 0 {
				year = gengfu.DateOf(now, c.Zone()).Year
			}
			printer{cmd.OutOrStdout()}.calendar(c, o.language(), year, now)
			return nil
		},
	}
	cmd.Flags().IntVar(&year, "year", 0, "the year (default: this one)")
	return cmd
}

func (p printer) calendar(c *gengfu.Calendar, lang gengfu.Lang, year int, now time.Time) {
	days, hours := c.Working(year)
	format := "%s %d (%s, %s): %d days, %g h"
	if lang != gengfu.English {
		format = "%s %d 年（%s，%s）：%d 个工作日，%g 小时"
	}
	p.line(format, c.Name(), year, c.Zone(), c.Status(year).In(lang), days, hours.Hours())
	for _, d := range c.Special(year) {
		p.line("%s %s  %s %s  %s", d.Date, weekday(lang, d.Date.Weekday()), d.Kind.In(lang), d.Name, gengfu.Hours(d.Hours))
	}
	for _, d := range c.Doubts(now) {
		p.line("! %s", d.In(lang))
	}
}

func weekday(lang gengfu.Lang, d time.Weekday) string {
	if lang == gengfu.English {
		return d.String()[:3]
	}
	return "周" + []string{"日", "一", "二", "三", "四", "五", "六"}[d]
}

func calendarImportCommand(o *options) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Take in the announced holidays of a year",
		Long: `Import checks a table of one year in the shape that the project holiday-cn
publishes, and puts it into the data folder, where it stands in for the table
that came with gengfu. A running prober takes it up when it is reloaded.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in, err := o.sound()
			if err != nil {
				return err
			}
			y, err := readTable(args[0])
			if err != nil {
				return &exitError{exitInvalid, err}
			}
			data, err := os.ReadFile(args[0])
			if err != nil {
				return fmt.Errorf("read holidays: %w", err)
			}
			dir := filepath.Join(in.abs(in.data), "holidays")
			if err := os.MkdirAll(dir, 0o750); err != nil {
				return fmt.Errorf("make folder for holidays: %w", err)
			}
			to := filepath.Join(dir, fmt.Sprintf("cn-%d.json", y.Year))
			if err := keepFile(to, data); err != nil {
				return fmt.Errorf("keep holidays: %w", err)
			}
			off := len(slices.DeleteFunc(slices.Clone(y.Days), func(d gengfu.Holiday) bool { return !d.Off }))
			printer{cmd.OutOrStdout()}.line("%d: %s, %d days off, %d make-up workdays: %s", y.Year, y.Status(), off, len(y.Days)-off, to)
			return nil
		},
	}
}

// keepFile writes a file so that readers see the old or the new one.
func keepFile(name string, data []byte) error {
	part := strings.TrimSuffix(name, ".json") + ".part"
	if err := os.WriteFile(part, data, 0o640); err != nil {
		return err
	}
	return os.Rename(part, name)
}
