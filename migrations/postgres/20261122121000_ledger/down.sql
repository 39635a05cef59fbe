DROP TABLE ledger_adjustment;
DROP TABLE ledger_reversed;
DROP TABLE ledger_hold;
DROP TABLE ledger_entry;
DROP TABLE ledger_transaction;
DROP TABLE ledger_balance;
DROP TABLE ledger_account;
