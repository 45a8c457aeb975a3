// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package telepath

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// DefaultRequestTimeout is [Config.RequestTimeout] when nothing else is configured.
const DefaultRequestTimeout = 30 * time.Second

// Config is what a [Client] needs to know.
type Config struct {
	// BaseURL is the root of the API, from [ParseBaseURL]. Required.
	BaseURL *url.URL
	// Key is the API key, from [ParseKey]. Required.
	Key Key
	// UserAgent is sent with each request. Empty means Go's own.
	UserAgent string
	// RequestTimeout ends one attempt, from the connection to the last byte of the body. 0
	// means [DefaultRequestTimeout].
	RequestTimeout time.Duration
	// MaxRetries is how many times a request is sent again after the first. 0 means not at all.
	MaxRetries int
}

// Client reads from one Telepath account. It is safe for concurrent use. Make it with [New].
type Client struct {
	baseURL        *url.URL
	key            Key
	userAgent      string
	requestTimeout time.Duration
	maxRetries     int
	http           *http.Client
	budget         *budget
	sharing        *sharing
}

// New makes a client, without sending anything. It is an error if something that
// [Config] requires is missing.
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

	client := &Client{
		baseURL:        config.BaseURL,
		key:            config.Key,
		userAgent:      config.UserAgent,
		requestTimeout: config.RequestTimeout,
		maxRetries:     config.MaxRetries,
		http:           newHTTPClient(),
		budget:         newBudget(),
	}
	client.sharing = newSharing(client.listAlone)

	return client, nil
}

// newHTTPClient makes an HTTP client that heeds HTTPS_PROXY and NO_PROXY, as Go's own does,
// keeps its connections for the pages to come (of four listings at once: all trunks, and
// each status), and follows no redirect.
func newHTTPClient() *http.Client {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		ForceAttemptHTTP2:   true,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout:     90 * time.Second,
		MaxIdleConnsPerHost: 4 * maxParallel,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
			if answer.StatusCode == http.StatusOK {
				return nil
			}

			return fmt.Errorf("%w: %s", ErrProxyRefused, answer.Status)
		},
	}

	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
