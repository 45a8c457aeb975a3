// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

// Package mockapi is the Telepath API in memory: GET /v1/trunks as an
// http.Handler that speaks the contract strictly, with faults on demand.
//
// It has its own idea of the contract and imports nothing of the client or the
// provider: a mistake that both sides shared would not be caught. Where the
// reference page of the endpoint is silent, the mock refuses.
//
// A request goes through the same steps in the same order every time:
//
//  1. it is counted, recorded, and charged to the rate limit,
//  2. the latency passes,
//  3. a fault set with [API.Fail] takes over, as a proxy in front would,
//  4. over the rate limit it is answered 429,
//  5. path, method, key and parameters are checked,
//  6. the hook of [API.OnQuery] runs, the page is cut, the hook of [API.OnPage] runs.
//
// Every method of [API] may be called at any time from any goroutine.
package mockapi
