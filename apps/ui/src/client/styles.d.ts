// A style sheet is put beside the script when that is built.
declare module '*.css'
