// `npm run demo`: from a fresh clone to a running product, in this one process.
await import('./prepare.mjs')
// The built program does what its arguments say as soon as it is loaded.
process.argv.splice(2, 0, 'demo')
await import('../dist/cli/main.js')
