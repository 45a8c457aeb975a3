// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package telepath is a client of the Telepath API that lists the trunks of an account: every
// trunk exactly once, or an error.
//
// It knows HTTP, and of Terraform only its log. The contract is the API's reference page
// "List Trunks".
package telepath

import (
	"errors"
	"net/url"
	"time"
)

// DefaultRequestTimeout is the default of [Config.RequestTimeout].
const DefaultRequestTimeout = 30 * time.Second

// Config configures a [Client].
type Config struct {
	// BaseURL is the root of the API, from [ParseBaseURL]. Required.
	BaseURL *url.URL
	// Key is the API key, from [ParseKey]. Required.
	Key Key
	// UserAgent is the User-Agent header. Empty means Go's default.
	UserAgent string
	// RequestTimeout limits one attempt, including the connection and the last byte of the body. 0
	// means [DefaultRequestTimeout].
	RequestTimeout time.Duration
	// MaxRetries is how many attempts may follow the first. 0 or less means none. A response with status
	// 429 does not count: it is retried until the deadline of the read.
	MaxRetries int
}

// Client reads from one Telepath account. It is safe for concurrent use. Create it with [New].
type Client struct {
	config    Config
	transport *renewableTransport
	limiter   *limiter
	coalescer *coalescer
}

// New creates a client, without sending anything. A missing base URL or key is an error. An HTTPS_PROXY
// that is not a URL is an [ErrProxyFailed].
func New(config Config) (*Client, error) {
	switch {
	case config.BaseURL == nil:
		return nil, errors.New("telepath: no base URL")
	case config.Key.IsEmpty():
		return nil, errors.New("telepath: no API key")
	}

	if config.RequestTimeout == 0 {
		config.RequestTimeout = DefaultRequestTimeout
	}

	proxy, err := proxyFor(config.BaseURL)
	if err != nil {
		return nil, err
	}

	client := &Client{config: config, transport: newRenewableTransport(proxy, config.RequestTimeout), limiter: new(limiter)}
	client.coalescer = &coalescer{listAll: client.list}

	return client, nil
}
