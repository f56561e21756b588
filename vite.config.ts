// Builds the browser application from src/web to dist/web, which the manager serves at `/`.
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

export default defineConfig({
  root: join(import.meta.dirname, 'src/web'),
  base: '/',
  plugins: [react()],
  // `#contract/…` comes from the TypeScript sources, so that the web builds without a built server.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: join(import.meta.dirname, 'dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // Nothing inline, not even small pictures as data: the content security policy allows only files of this origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // One chunk, so that zod is told not to use eval before the contract builds its first schema.
          groups: [{ name: 'contract', test: /node_modules\/zod\/|\/src\/contract\/|zod-without-eval/ }],
        },
      },
    },
  },
})
