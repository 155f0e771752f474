CREATE TABLE IF NOT EXISTS customers (
  customer_id TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, email TEXT NOT NULL,
  phone TEXT NOT NULL, address TEXT NOT NULL, level TEXT NOT NULL, joined TEXT NOT NULL,
  basket REAL NOT NULL, version INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS products (
  sku TEXT PRIMARY KEY, name_en TEXT NOT NULL, name_zh TEXT NOT NULL, price REAL NOT NULL,
  warranty_months INTEGER NOT NULL, size_en TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS variants (
  sku TEXT NOT NULL, variant TEXT NOT NULL, variant_zh TEXT NOT NULL, stock INTEGER NOT NULL,
  PRIMARY KEY (sku, variant));
CREATE TABLE IF NOT EXISTS orders (
  order_id TEXT PRIMARY KEY, customer_id TEXT NOT NULL, status TEXT NOT NULL, placed TEXT NOT NULL,
  shipped TEXT, delivered TEXT, address TEXT NOT NULL, payment TEXT NOT NULL, total REAL NOT NULL,
  version INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer_id);
CREATE TABLE IF NOT EXISTS lines (
  order_id TEXT NOT NULL, line INTEGER NOT NULL, sku TEXT NOT NULL, variant TEXT NOT NULL,
  price REAL NOT NULL, state TEXT NOT NULL DEFAULT 'ordered', PRIMARY KEY (order_id, line));
CREATE TABLE IF NOT EXISTS parcels (
  order_id TEXT PRIMARY KEY, carrier TEXT NOT NULL, tracking TEXT NOT NULL, place TEXT NOT NULL,
  place_zh TEXT NOT NULL, updated TEXT NOT NULL, eta TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS coupons (
  code TEXT PRIMARY KEY, customer_id TEXT NOT NULL, off REAL NOT NULL, minimum REAL NOT NULL,
  expires TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS changes (
  key TEXT PRIMARY KEY, tool TEXT NOT NULL, customer_id TEXT NOT NULL, subject TEXT NOT NULL,
  arguments TEXT NOT NULL, result TEXT NOT NULL, amount REAL NOT NULL, at TEXT NOT NULL);
