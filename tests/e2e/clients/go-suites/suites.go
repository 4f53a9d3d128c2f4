// SPDX-License-Identifier: Apache-2.0

// Package suites pins the packages whose own tests are run.
package suites

import (
	_ "github.com/twmb/franz-go/pkg/kadm"
	_ "github.com/twmb/franz-go/pkg/kgo"
)
