import { trainBars } from "./train-bars.js";

/** The page of training.browser.test.ts. */
Object.assign(window, { trainBars });
