export { inferShapes, reasonOf, type Shapes } from "./shapes.js";
