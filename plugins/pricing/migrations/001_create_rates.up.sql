CREATE TABLE pricing_rates (
  rate_id text NOT NULL PRIMARY KEY,
  hotel_name text NOT NULL,
  hotel_key text NOT NULL,
  hotel_rating double,
  destination text NOT NULL,
  destination_key text NOT NULL,
  room_type text NOT NULL,
  meal_plan text NOT NULL,
  check_in_date text NOT NULL,
  check_out_date text NOT NULL,
  nights bigint NOT NULL,
  min_nights bigint,
  child_max_age bigint,
  currency text NOT NULL,
  total_7nights_pps bigint NOT NULL,
  total_7nights_single bigint,
  total_7nights_child bigint,
  flights_adult bigint,
  flights_child bigint,
  transfers_adult bigint,
  transfers_child bigint,
  is_active boolean NOT NULL,
  created_at text NOT NULL,
  updated_at text NOT NULL
);

CREATE UNIQUE INDEX pricing_rates_same ON pricing_rates (hotel_key, destination_key, room_type, meal_plan, check_in_date, check_out_date, nights, currency);

CREATE INDEX pricing_rates_listed ON pricing_rates (is_active, destination_key, hotel_key, check_in_date, rate_id, meal_plan);

CREATE TABLE pricing_numbers (
  name text NOT NULL PRIMARY KEY,
  seed bigint NOT NULL,
  used bigint NOT NULL
);

CREATE TABLE pricing_exchange_rates (
  id text NOT NULL PRIMARY KEY,
  from_currency text NOT NULL,
  to_currency text NOT NULL,
  as_of text NOT NULL,
  source text NOT NULL,
  rate_e10 bigint NOT NULL,
  created_at text NOT NULL
);

CREATE UNIQUE INDEX pricing_exchange_rates_same ON pricing_exchange_rates (to_currency, from_currency, source, as_of);
