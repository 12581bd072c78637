/** Commands that act at once while long jobs hold every other slot. */
@NullMarked
package io.multisqs.samples.adminbus;

import org.jspecify.annotations.NullMarked;
