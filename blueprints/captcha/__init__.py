"""The room of the picture that tells people from machines: nothing is stored of a challenge until it is used."""
