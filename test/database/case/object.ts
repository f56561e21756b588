// Stories of the change types for views, sequences and procedures.
import { type Case, sqlite, tables } from './case.ts'

const view = { createView: { viewName: 'rich', selectQuery: 'select id, name from customer where points > 10' } }

const withoutSequences = ['sqlite', 'mysql']
const sequence = { createSequence: { sequenceName: 'number', startValue: '5', incrementBy: '2', cycle: 'true' } }

const procedure = {
  createProcedure: {
    procedureName: 'forget',
    procedureText: 'create procedure forget(who int) language sql as $$ delete from customer where id = who; $$',
  },
}

/** Semicolons in its body: the text is one statement. */
const mariadbProcedure = {
  createProcedure: {
    procedureName: 'forget',
    procedureText:
      'create procedure forget(who int)\nbegin\n  delete from invoice where customer_id = who;\n  delete from customer where id = who;\nend',
  },
}

export const objectCases: readonly Case[] = [
  { title: 'createView', setup: tables, apply: [view], reverse: 'automatic' },
  {
    title: 'createView from a file',
    setup: tables,
    apply: [{ createView: { viewName: 'few', path: 'view/few.sql', replaceIfExists: 'true' } }],
    reverse: 'automatic',
    files: { 'view/few.sql': 'select id from customer' },
  },
  {
    title: 'dropView',
    setup: [...tables, view],
    apply: [{ dropView: { viewName: 'rich', ifExists: 'true' } }],
    reverse: [view],
  },
  {
    title: 'renameView',
    setup: [...tables, view],
    apply: [{ renameView: { oldViewName: 'rich', newViewName: 'wealthy' } }],
    reverse: 'automatic',
    unsupportedOn: sqlite,
  },
  { title: 'createSequence', apply: [sequence], reverse: 'automatic', nothingOn: withoutSequences },
  {
    title: 'alterSequence',
    setup: [sequence],
    apply: [{ alterSequence: { sequenceName: 'number', incrementBy: '3', maxValue: '5000' } }],
    reverse: [{ dropSequence: { sequenceName: 'number' } }, sequence],
    nothingOn: withoutSequences,
  },
  {
    title: 'dropSequence',
    setup: [sequence],
    apply: [{ dropSequence: { sequenceName: 'number' } }],
    reverse: [sequence],
    nothingOn: withoutSequences,
  },
  {
    title: 'renameSequence',
    setup: [sequence],
    apply: [{ renameSequence: { oldSequenceName: 'number', newSequenceName: 'counter' } }],
    reverse: 'automatic',
    unsupportedOn: withoutSequences,
  },
  {
    title: 'createProcedure',
    setup: tables,
    apply: [procedure],
    reverse: [{ dropProcedure: { procedureName: 'forget' } }],
    nothingOn: sqlite,
    on: { mariadb: { apply: [mariadbProcedure] } },
  },
  {
    title: 'dropProcedure',
    setup: [...tables, procedure],
    apply: [{ dropProcedure: { procedureName: 'forget(int)' } }],
    reverse: [procedure],
    unsupportedOn: sqlite,
    on: { mariadb: { setup: [...tables, mariadbProcedure], reverse: [mariadbProcedure] } },
  },
]
