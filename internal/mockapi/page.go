// Copyright (c) Telepath
// SPDX-License-Identifier: MPL-2.0

package mockapi

import (
	"bytes"
	"fmt"
	"slices"
)

// Page is one answer to a listing: the reference page, Response Fields.
type Page struct {
	// Trunks are the trunks of this page; nil is sent as an empty list.
	Trunks []Trunk
	// Limit is the limit value used for this request.
	Limit int64
	// Offset is the offset value used for this request.
	Offset int64
	// Total is the number of trunks that match the query, on all pages.
	Total int64
}

// cutPage takes the page that q asks for out of the account, in the account's order.
func cutPage(account []Trunk, q Query) Page {
	page := Page{Limit: int64(q.Limit), Offset: int64(q.Offset)}
	for i := range account {
		if q.Status != "" && account[i].Status != q.Status {
			continue
		}
		if page.Total >= page.Offset && len(page.Trunks) < q.Limit {
			page.Trunks = append(page.Trunks, account[i])
		}
		page.Total++
	}
	return page
}

// encode gives the JSON of the page. It puts the text together by hand because
// encoding/json would refuse a [Trunk.JSON] that is not valid.
func (p *Page) encode() ([]byte, error) {
	encoded := make([][]byte, 0, len(p.Trunks))
	for i := range p.Trunks {
		text, err := p.Trunks[i].encode()
		if err != nil {
			return nil, err
		}
		encoded = append(encoded, text)
	}
	pagination := fmt.Appendf(nil, `],"pagination":{"limit":%d,"offset":%d,"total":%d}}`,
		p.Limit, p.Offset, p.Total)
	return lines(slices.Concat([]byte(`{"trunks":[`), bytes.Join(encoded, []byte(",")), pagination)), nil
}
