DROP TABLE spending_alarm;
