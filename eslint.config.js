import tseslint from 'typescript-eslint';

/** Only of a namespace the bundler leaves out what is not used: half of zod, and of what it takes to load it. */
const wholeZod = {
  selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
  message: "Write `import * as z from 'zod'`: `z` itself is all of zod.",
};

/** Budgets from the style guide: small files, small functions, comments that end at 120 columns, no `any`. */
const budgets = {
  'max-lines': ['error', {max: 300, skipBlankLines: false, skipComments: false}],
  'max-lines-per-function': ['error', {max: 60, skipBlankLines: true, skipComments: true}],
  'max-len': ['error', {code: 1_000, comments: 120, ignoreUrls: true}],
  'max-params': ['error', 4],
  complexity: ['error', 14],
};

export default tseslint.config(
  {ignores: ['dist/**', 'coverage/**', 'node_modules/**', '.firedrill/**', '**/*.generated.ts']},
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: {parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname}},
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
      '@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true}],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_'}],
      'no-console': 'error',
    },
  },
  {files: ['src/**/*.ts'], rules: {...budgets, 'no-restricted-syntax': ['error', wholeZod]}},
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'off',
    },
  },
);
