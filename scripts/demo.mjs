// `npm run demo`: from a fresh clone to a running product, in this one process.
await import('./prepare.mjs')
const { main } = await import('../dist/cli/main.js')
await main(['demo', ...process.argv.slice(2)])
