create or replace procedure p as begin null; end;
/
