DROP TABLE pricing_exchange_rates;
DROP TABLE pricing_numbers;
DROP TABLE pricing_rates;
