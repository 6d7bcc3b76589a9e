"""Tables, and the views that show a row as clients see it.

Amounts are whole cents. A view's columns that start with an underscore stay inside:
`_row` is the table's row, `_account` the owner, the others serve conditions and order.
`late` is never stored: it is an issued invoice whose day has passed, by `desk.today`.
"""

# The numbers that ids start with; the shown ids are made from them in the views.
FIRST_ROWS = {
    "customers": 1001,
    "contacts": 301,
    "agents": 11,
    "tickets": 4101,
    "comments": 90001,
    "subscriptions": 701,
    "invoices": 51801,
    "lines": 20001,
    "payments": 6001,
}

SCHEMA = """
CREATE TABLE desk (today TEXT NOT NULL);

CREATE TABLE accounts (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, key TEXT NOT NULL UNIQUE, plan TEXT NOT NULL,
  currency TEXT NOT NULL, support_email TEXT NOT NULL, created_on TEXT NOT NULL
);

CREATE TABLE customers (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL, status TEXT NOT NULL, email TEXT NOT NULL, phone TEXT, country TEXT NOT NULL,
  city TEXT, industry TEXT, credit_limit INTEGER NOT NULL DEFAULT 0, notes TEXT,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);

CREATE TABLE contacts (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  customer INTEGER NOT NULL REFERENCES customers (row) ON DELETE CASCADE,
  full_name TEXT NOT NULL, email TEXT NOT NULL, phone TEXT, job_title TEXT,
  is_primary INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL
);

CREATE TABLE agents (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  name TEXT NOT NULL, email TEXT NOT NULL, team TEXT NOT NULL, available INTEGER NOT NULL
);

CREATE TABLE tickets (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  customer INTEGER NOT NULL REFERENCES customers (row), subject_line TEXT NOT NULL,
  description TEXT, status TEXT NOT NULL, priority TEXT NOT NULL, channel TEXT NOT NULL,
  assignee INTEGER REFERENCES agents (row), due_on TEXT, opened_at TEXT NOT NULL,
  updated_at TEXT NOT NULL, closed_at TEXT
);

CREATE TABLE ticket_tags (
  ticket INTEGER NOT NULL REFERENCES tickets (row) ON DELETE CASCADE, tag TEXT NOT NULL,
  PRIMARY KEY (ticket, tag)
);

CREATE TABLE comments (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  ticket INTEGER NOT NULL REFERENCES tickets (row) ON DELETE CASCADE, author TEXT NOT NULL,
  body TEXT NOT NULL, internal INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL
);

CREATE TABLE products (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  sku TEXT NOT NULL, name TEXT NOT NULL, category TEXT NOT NULL, unit_price INTEGER NOT NULL,
  billing_cycle TEXT NOT NULL, active INTEGER NOT NULL, description TEXT, UNIQUE (account, sku)
);

CREATE TABLE subscriptions (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  customer INTEGER NOT NULL REFERENCES customers (row),
  product INTEGER NOT NULL REFERENCES products (row), quantity INTEGER NOT NULL,
  status TEXT NOT NULL, started_on TEXT NOT NULL, renews_on TEXT, cancelled_on TEXT,
  cancel_reason TEXT
);

CREATE TABLE invoices (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  customer INTEGER NOT NULL REFERENCES customers (row), state TEXT NOT NULL,
  currency TEXT NOT NULL, issued_on TEXT, due_on TEXT, settled_on TEXT, note TEXT,
  reminders INTEGER NOT NULL DEFAULT 0, last_sent_at TEXT, last_sent_to TEXT, created_at TEXT NOT NULL
);

CREATE TABLE lines (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  invoice INTEGER NOT NULL REFERENCES invoices (row) ON DELETE CASCADE, sku TEXT,
  description TEXT NOT NULL, quantity INTEGER NOT NULL, unit_price INTEGER NOT NULL
);

CREATE TABLE payments (
  row INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL REFERENCES accounts (id),
  invoice INTEGER NOT NULL REFERENCES invoices (row), amount INTEGER NOT NULL,
  method TEXT NOT NULL, received_on TEXT NOT NULL, reference TEXT, created_at TEXT NOT NULL
);

CREATE TABLE answered (
  account TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, status INTEGER NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY (account, key)
);

CREATE INDEX contacts_by_customer ON contacts (customer);

CREATE INDEX tickets_by_customer ON tickets (customer);

CREATE INDEX comments_by_ticket ON comments (ticket);

CREATE INDEX invoices_by_customer ON invoices (customer);

CREATE INDEX lines_by_invoice ON lines (invoice);

CREATE INDEX payments_by_invoice ON payments (invoice);

CREATE VIEW invoice_v AS
SELECT i.row AS _row, i.account AS _account, i.row AS id, 'INV-' || (i.row - 50000) AS number,
  'C-' || i.customer AS customer_id, c.name AS customer_name,
  CASE WHEN i.state = 'issued' AND i.due_on < (SELECT today FROM desk)
       THEN 'late' ELSE i.state END AS status,
  i.currency, i.issued_on, i.due_on, i.settled_on, i.note, i.reminders AS reminder_count,
  i.last_sent_at, i.last_sent_to, i.created_at,
  (SELECT coalesce(sum(quantity * unit_price), 0) FROM lines WHERE invoice = i.row) AS total,
  (SELECT coalesce(sum(amount), 0) FROM payments WHERE invoice = i.row) AS amount_paid,
  CASE WHEN i.state = 'issued' THEN
    (SELECT coalesce(sum(quantity * unit_price), 0) FROM lines WHERE invoice = i.row)
    - (SELECT coalesce(sum(amount), 0) FROM payments WHERE invoice = i.row)
    ELSE 0 END AS balance_due
FROM invoices i JOIN customers c ON c.row = i.customer;

CREATE VIEW customer_v AS
SELECT c.row AS _row, c.account AS _account, 'C-' || c.row AS id, c.name, c.status, c.email,
  c.phone, c.country, c.city, c.industry, c.credit_limit, c.notes, c.created_at, c.updated_at,
  (SELECT count(*) FROM tickets t WHERE t.customer = c.row AND t.status <> 'done')
    AS open_tickets,
  (SELECT coalesce(sum(v.balance_due), 0) FROM invoice_v v
   WHERE v._row IN (SELECT row FROM invoices WHERE customer = c.row)) AS balance_due
FROM customers c;

CREATE VIEW contact_v AS
SELECT row AS _row, account AS _account, row AS id, 'C-' || customer AS customer_id, full_name,
  email, phone, job_title, is_primary, created_at
FROM contacts;

CREATE VIEW agent_v AS
SELECT a.row AS _row, a.account AS _account, a.row AS id, a.name, a.email, a.team, a.available,
  (SELECT count(*) FROM tickets t WHERE t.assignee = a.row AND t.status <> 'done')
    AS open_tickets
FROM agents a;

CREATE VIEW ticket_v AS
SELECT t.row AS _row, t.account AS _account, t.row AS id, t.subject_line, t.description,
  'C-' || t.customer AS client_ref, c.name AS client_name, t.status, t.priority, t.channel,
  t.assignee AS assignee_id, a.name AS assignee_name, t.due_on, t.opened_at, t.updated_at,
  t.closed_at,
  (SELECT json_group_array(tag)
   FROM (SELECT tag FROM ticket_tags WHERE ticket = t.row ORDER BY tag)) AS tags,
  (SELECT count(*) FROM comments WHERE ticket = t.row) AS comment_count,
  CASE t.priority WHEN 'low' THEN 1 WHEN 'normal' THEN 2 WHEN 'high' THEN 3 ELSE 4 END AS _rank
FROM tickets t JOIN customers c ON c.row = t.customer LEFT JOIN agents a ON a.row = t.assignee;

CREATE VIEW comment_v AS
SELECT row AS _row, account AS _account, row AS id, ticket AS ticket_id, author, body, internal,
  created_at
FROM comments;

CREATE VIEW tag_v AS
SELECT min(g.rowid) AS _row, t.account AS _account, g.tag AS name, count(*) AS ticket_count
FROM ticket_tags g JOIN tickets t ON t.row = g.ticket GROUP BY t.account, g.tag;

CREATE VIEW product_v AS
SELECT row AS _row, account AS _account, sku, name, category, unit_price, billing_cycle, active,
  description
FROM products;

CREATE VIEW subscription_v AS
SELECT s.row AS _row, s.account AS _account, s.row AS id, 'C-' || s.customer AS customer,
  c.name AS customer_name, p.sku AS product_sku, p.name AS product_name, s.quantity, s.status,
  s.started_on, s.renews_on, s.cancelled_on, s.cancel_reason,
  s.quantity * p.unit_price AS price_per_cycle, p.billing_cycle
FROM subscriptions s JOIN customers c ON c.row = s.customer JOIN products p ON p.row = s.product;

CREATE VIEW line_v AS
SELECT row AS _row, account AS _account, row AS id, invoice AS _invoice, sku AS product_sku,
  description, quantity, unit_price, quantity * unit_price AS line_total
FROM lines;

CREATE VIEW payment_v AS
SELECT row AS _row, account AS _account, row AS id, invoice AS invoice_id,
  'INV-' || (invoice - 50000) AS invoice_number, amount, method, received_on, reference, created_at
FROM payments
"""
