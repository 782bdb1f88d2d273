/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

const { version } = JSON.parse(
  readFileSync(new URL('./package.json', import.meta.url), 'utf8'),
) as { version: string }

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_I18N_FULL_INSTALL__: true,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_OPTIONS_API__: true,
    __CONSOLE_VERSION__: JSON.stringify(version),
    __VUE_PROD_DEVTOOLS__: false,
  },
  build: {
    target: 'es2022',
    // The map engine is one lazy chunk of about 1 MB; nothing else comes near the limit.
    chunkSizeWarningLimit: 1300,
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  worker: { format: 'es' },
  server: {
    proxy: { '/api': { target: process.env.ANLAN_SERVER ?? 'http://127.0.0.1:8080' } },
  },
  test: { include: ['src/**/*.test.ts', 'scripts/**/*.test.mjs'] },
})
