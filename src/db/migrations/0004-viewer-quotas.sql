-- A user's own quota of viewer tokens: how many may live in one session, with one device, with one content. Null: as
-- many as the session's plan lets in.
alter table users
  add column viewer_tokens             integer check (viewer_tokens >= 1),
  add column viewer_tokens_per_device  integer check (viewer_tokens_per_device >= 1),
  add column viewer_tokens_per_content integer check (viewer_tokens_per_content >= 1);
