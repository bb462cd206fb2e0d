import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const lower = (message) => ({ group: ['@/features/*', '@/features/**', '@/app/*', '@/app/**'], message });

export default tseslint.config(
  { ignores: ['dist', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'public/*.js'] }, tsconfigRootDir: import.meta.dirname } },
    plugins: { 'react-hooks': reactHooks },
    rules: {
      ...reactHooks.configs.recommended.rules,
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': ['error', { allow: ['warn', 'error'] }],
      eqeqeq: 'error',
      // The virtual list's functions change with it, and the React compiler is not in use.
      'react-hooks/incompatible-library': 'off',
    },
  },
  // A feature knows itself, lib and ui. What joins features together is src/app.
  {
    files: ['src/features/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [
        lower('A feature must not import another feature or the app: lift what is shared to src/lib or src/ui.'),
        { group: ['../*'], message: 'Leave the feature folder through "@/lib" or "@/ui" only.' },
      ] }],
    },
  },
  {
    files: ['src/lib/**', 'src/ui/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [lower('lib and ui are below the features.')] }] },
  },
  // The socket and the chat core are plain TypeScript: they run, and are tested, without React.
  {
    files: ['src/lib/socket/**', 'src/lib/chat/**', 'src/lib/api/**', 'src/lib/uploads/**'],
    rules: {
      'no-restricted-imports': ['error', {
        paths: [{ name: 'react', message: 'This layer has no React.' }, { name: 'react-dom', message: 'This layer has no React.' }],
        patterns: [lower('lib and ui are below the features.'), { group: ['@/ui/*'], message: 'This layer has no UI.' }],
      }],
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
  {
    files: ['src/**/*.test.{ts,tsx}', 'src/test/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
);
