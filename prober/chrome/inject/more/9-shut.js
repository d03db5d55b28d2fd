return { bares, closed, closer, covered, into, invalid, mask, outline, portrait, reveal, scrollPage, source, unmask, veil, wordsOf };
}
